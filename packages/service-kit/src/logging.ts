import pino from 'pino';
import type { Logger } from 'pino';
import type { LogLevel } from './environment-values.ts';
import { formatTextLine } from './log-text.ts';
import { redact } from './redact.ts';

export type { Logger } from 'pino';

export type LogFormat = 'json' | 'text';

/** Where lines are written: `process.stdout`, or a destination of pino. */
export type LogDestination = { write(line: string): unknown };

export type LoggerOptions = {
  service: string;
  level: LogLevel;
  format: LogFormat;
  /** Standard output by default, written synchronously, so that the last lines of a crashing process are kept. */
  destination?: LogDestination;
};

/**
 * A service's logger. Secrets are removed by {@link redact} from the finished line, so that values from callers, child
 * loggers and properties of errors are all covered.
 */
export function createLogger({ service, level, format, destination }: LoggerOptions): Logger {
  const target = destination ?? pino.destination({ dest: 1, sync: true });
  const redacting = {
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
    redacting,
  );
}

// Only lines that may contain a secret are parsed.
const mayContainSecret = /:\/\/|passw|passphrase|secret|credential|authorization|cookie|token|api.?key/i;

function redactJsonLine(line: string): string {
  return mayContainSecret.test(line) ? `${JSON.stringify(redact(JSON.parse(line)))}\n` : line;
}
