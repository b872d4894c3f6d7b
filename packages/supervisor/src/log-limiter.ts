const windowMs = 60_000;
/** Kinds that are remembered; beyond, the oldest is forgotten and its count told. */
const kindsMax = 200;
/** Of a line, that much tells its kind and stands in the summary. */
const sampleMaxLength = 200;

export type LogLimiterOptions = {
  /** Lines of one kind that pass in a minute, at least 1. */
  perMinute: number;
  /** Milliseconds. */
  now(): number;
};

/**
 * Holds back lines that say the same again and again, as FFmpeg does where packets are lost. Lines that differ
 * only in numbers and addresses are of one kind, and `perMinute` of a kind pass in a minute. When the minute is
 * over, with the next line of any kind, one summary says how many were suppressed.
 *
 * @returns a function from a line to the lines to log: summaries that are due, then the line if it passes
 */
export function createLogLimiter(options: LogLimiterOptions): (line: string) => string[] {
  /** In the order in which their minutes began. */
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
