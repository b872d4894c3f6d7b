/**
 * Formats a log event as one line for a terminal: time, level, service, camera, message, and the other fields as
 * `key=value`. Escapes control characters: the line may quote a camera or a program, and terminals execute escape
 * sequences.
 */
export function formatTextLine(event: unknown): string {
  const fields = isRecord(event) ? event : {};
  const { time, level, service, camera, cameraId, msg, pid: _pid, hostname: _hostname, ...rest } = fields;
  const words = [
    typeof time === 'string' ? time.slice(11, 23) : '--:--:--.---',
    text(level).toUpperCase().padEnd(5),
    text(service),
  ];
  const cameraName = camera ?? cameraId;
  if (cameraName !== undefined) words.push(`[${text(cameraName)}]`);
  if (msg !== undefined) words.push(text(msg));
  for (const [key, value] of Object.entries(rest)) words.push(`${text(key)}=${formatValue(value)}`);
  return `${words.join(' ')}\n`;
}

function formatValue(value: unknown): string {
  if (isRecord(value) && typeof value.stack === 'string') return JSON.stringify(shortStack(value.stack));
  if (typeof value === 'string') return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
  return escapeControls(JSON.stringify(value) ?? 'undefined');
}

/** An error's message and its three innermost stack frames. */
function shortStack(stack: string): string {
  const lines = stack.split('\n').map((line) => line.trim());
  const places = lines.filter((line) => line.startsWith('at ')).slice(0, 3);
  const message = lines.filter((line) => !line.startsWith('at ')).join(' ');
  return [message, ...places].join(' ').slice(0, 2000);
}

function text(value: unknown): string {
  return escapeControls(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
}

function escapeControls(string: string): string {
  return string.replace(/\p{Cc}/gu, (character) =>
    character === '\n' ? '\\n' : `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
