import pino from 'pino';
import type { Logger } from 'pino';
import type { LogLevel } from './environment-values.ts';
import { formatTextLine } from './log-text.ts';
import { redact } from './redact.ts';

export type { Logger } from 'pino';

export type LogFormat = 'json' | 'text';

/** Anything lines can be written to; `process.stdout` and pino's destinations are. */
export type LogDestination = { write(line: string): unknown };

export type LoggerOptions = {
  service: string;
  level: LogLevel;
  format: LogFormat;
  /** Standard output by default, written synchronously, so that the last words of a dying process are kept. */
  destination?: LogDestination;
};

/**
 * A service's logger. What may be a secret is removed at the very border, from the finished line: whatever a caller,
 * a child logger or an error's properties brought in, {@link redact} has seen it.
 */
export function createLogger({ service, level, format, destination }: LoggerOptions): Logger {
  const target = destination ?? pino.destination({ dest: 1, sync: true });
  const border = {
    write(line: string): void {
      target.write(format === 'json' ? redactJsonLine(line) : formatTextLine(redact(JSON.parse(line))));
    },
  };
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err, cause: pino.stdSerializers.err },
      depthLimit: 6,
      edgeLimit: 100,
    },
    border,
  );
}

// Parsing costs some microseconds a line; most lines hold nothing that could be secret.
const suspicious = /:\/\/|passw|passphrase|secret|credential|authorization|cookie|token|api.?key/i;

function redactJsonLine(line: string): string {
  return suspicious.test(line) ? `${JSON.stringify(redact(JSON.parse(line)))}\n` : line;
}
