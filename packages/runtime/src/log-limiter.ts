const windowMs = 60_000;
/** Kinds remembered at a time. Beyond that, the oldest is evicted and its summary returned. */
const kindsMax = 200;
/** Characters of a line that decide its kind and appear in the summary. */
const sampleMaxLength = 200;

export type LogLimiterOptions = {
  /** Lines of one kind that pass per minute, at least 1. */
  perMinute: number;
  /** Milliseconds. */
  now(): number;
};

/**
 * Limits repeated log lines, such as those that FFmpeg writes during packet loss. Lines that differ only in numbers
 * and addresses are of one kind. After the minute, the next line of any kind is preceded by a summary of how many
 * lines were suppressed.
 *
 * @returns a function from a line to the lines to log: due summaries, then the line if it passes
 */
export function createLogLimiter(options: LogLimiterOptions): (line: string) => string[] {
  /** Ordered by the start of their minute. */
  const kinds = new Map<string, Kind>();

  return (line) => {
    const nowMs = options.now();
    const lines: string[] = [];
    for (const [key, kind] of kinds) {
      if (nowMs - kind.sinceMs < windowMs && kinds.size <= kindsMax) break;
      kinds.delete(key);
      if (kind.suppressed > 0) lines.push(`${kind.suppressed} similar lines suppressed: ${kind.sample}`);
    }
    const key = kindOf(line);
    const kind = kinds.get(key) ?? { sinceMs: nowMs, passed: 0, suppressed: 0, sample: '' };
    kinds.set(key, kind);
    if (kind.passed < options.perMinute) {
      kind.passed += 1;
      lines.push(line);
    } else {
      kind.suppressed += 1;
      kind.sample = line.slice(0, sampleMaxLength);
    }
    return lines;
  };
}

type Kind = { sinceMs: number; passed: number; suppressed: number; sample: string };

/** FFmpeg prints the addresses of its structures (`[rtsp @ 0x55d0c8]`), sizes, times and counts. */
function kindOf(line: string): string {
  return line
    .slice(0, sampleMaxLength)
    .replace(/0x[0-9a-f]+/gi, '#')
    .replace(/\d+/g, '#');
}
