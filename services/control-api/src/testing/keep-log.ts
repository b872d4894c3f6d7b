import { createLogger } from '@camplane/service-kit/logging';

/** A logger that keeps its JSON lines. */
export function keepLog() {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  return {
    log: createLogger({ service: 'test', level: 'debug', format: 'json', destination }),
    text: () => lines.join(''),
  };
}
