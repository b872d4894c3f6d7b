import { spawn } from 'node:child_process';
import { once } from 'node:events';

const logMaxCharacters = 16_000;

export type ServerProcess = {
  readonly name: string;
  readonly pid: number;
  hasEnded(): boolean;
  /** The end of its output. */
  log(): string;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL, awaited. */
  kill(): Promise<void>;
};

/** Starts a server and keeps the end of its output, for error messages. */
export function startServerProcess(name: string, program: string, args: string[]): ServerProcess {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  const { pid } = child;
  let log = '';
  const keep = (text: string) => {
    log = (log + text).slice(-logMaxCharacters);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  let hasEnded = false;
  const ended = once(child, 'close').then(
    () => (hasEnded = true),
    (error: unknown) => {
      keep(String(error));
      hasEnded = true;
    },
  );
  if (pid === undefined) throw new Error(`${name} could not be started: ${program}`);
  const signal = (name: NodeJS.Signals) => void (hasEnded || child.kill(name));
  return {
    name,
    pid,
    hasEnded: () => hasEnded,
    log: () => log,
    signal,
    kill: async () => {
      signal('SIGKILL');
      await ended;
    },
  };
}
