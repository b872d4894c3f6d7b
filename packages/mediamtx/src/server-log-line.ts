export type ServerLogLine = { level: 'debug' | 'info' | 'warn' | 'error'; message: string };

/**
 * Parses a line of MediaMTX's structured log. Its info level, which reports every session, becomes debug. A line in
 * another format (a failed start, a panic) becomes an error.
 */
export function parseServerLogLine(line: string): ServerLogLine {
  const match = /^\{"timestamp":"[^"]*","level":"([A-Z]{3})","message":(".*")\}$/.exec(line);
  const level = match?.[1];
  const quoted = match?.[2];
  if (level === undefined || quoted === undefined) {
    return { level: 'error', message: line.replace(/^ERR: /, '').slice(0, messageMaxLength) };
  }
  return { level: levels.get(level) ?? 'info', message: unquote(quoted).slice(0, messageMaxLength) };
}

const messageMaxLength = 2000;
const levels = new Map<string, ServerLogLine['level']>([
  ['DEB', 'debug'],
  ['INF', 'debug'],
  ['WAR', 'warn'],
  ['ERR', 'error'],
]);

/** Go's quoting is JSON except for the escapes of unprintable characters. */
function unquote(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}

/** The port of a listener that could not be opened, from MediaMTX's message. */
export function takenPort(message: string): number | undefined {
  const match = /listen (?:tcp|udp)[46]? \S*:(\d+): bind: address already in use/.exec(message);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
