import { constants } from 'node:os';
import { EnvironmentError, readEnvironment } from './environment.ts';
import type { Environment, EnvironmentValues, Variables } from './environment.ts';
import { createHealth } from './health.ts';
import type { Health } from './health.ts';
import { createLogger } from './logging.ts';
import type { LogFormat, Logger } from './logging.ts';
import type { LoggingVariables } from './logging-variables.ts';
import { createMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import { createShutdown } from './shutdown.ts';
import { StartupError } from './startup-error.ts';

/** What a service is given besides its configuration. */
export type ServiceTools = {
  log: Logger;
  metrics: Metrics;
  /** Not ready until `start` has resolved, nor once the stop has begun. */
  health: Health;
  onStop: (name: string, fn: () => Promise<void> | void) => void;
  /** Aborted when the stop begins, also while `start` is still at work: every wait of a service races it. */
  signal: AbortSignal;
  /** Asks for the stop from inside, for the same ordered end as a signal. */
  stop: (reason: string) => void;
};

export type ServiceDefinition<E extends Environment<Variables>> = {
  name: string;
  environment: E;
  /** Brings the service up. Registers with `onStop` whatever it opened, as soon as it is open. */
  start: (config: EnvironmentValues<E>, tools: ServiceTools) => Promise<void>;
};

/** From the signal to the end of the process at most 5 s; the rest is for the process itself to go. */
const stopDeadlineMs = 4_500;

/**
 * The whole of a `main.ts`: reads the environment, starts, waits for SIGINT, SIGTERM or SIGHUP, and stops in order.
 * Exits 0 after a complete stop; 1 for a bad environment, a failed start, an uncaught error or a stop that had to be
 * cut short; at once on a second signal.
 */
export function runService<E extends Environment<LoggingVariables & Variables>>(
  { name, environment, start }: ServiceDefinition<E>,
  env: NodeJS.ProcessEnv = process.env,
): void {
  const config = readOrExit(environment, env);
  const log = createLogger({
    service: name,
    level: config.LOG_LEVEL,
    format: chooseFormat(config.LOG_FORMAT),
  });
  const shutdown = createShutdown({ deadlineMs: stopDeadlineMs, log });
  const health = createHealth();
  let exitCode = 0;
  let state: 'starting' | 'running' = 'starting';

  function stop(reason: string): void {
    void shutdown.run(reason).then(() => {
      log.info({ exitCode: shutdown.clean ? exitCode : 1 }, 'stopped');
      process.exit(shutdown.clean ? exitCode : 1);
    });
  }
  function fail(error: unknown, message: string): void {
    exitCode = 1;
    if (error instanceof StartupError) log.fatal(`${message}: ${error.message}`);
    else log.fatal({ err: error }, message);
    stop(message);
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The operator has lost patience.
      if (shutdown.signal.aborted) process.exit(128 + constants.signals[signal]);
      stop(signal);
    });
  }
  process.on('uncaughtException', (error) => fail(error, 'an error was not caught'));
  process.on('unhandledRejection', (error) => fail(error, 'a rejection was not handled'));

  health.add({
    name: 'process',
    check() {
      if (shutdown.signal.aborted) return { ok: false, reason: 'is stopping' };
      return state === 'running' ? { ok: true } : { ok: false, reason: 'is starting' };
    },
  });
  const tools: ServiceTools = {
    log,
    health,
    metrics: createMetrics(name),
    onStop: (step, fn) => shutdown.onStop(step, fn),
    signal: shutdown.signal,
    stop,
  };
  const starting = startNow(() => start(config, tools));
  shutdown.settleFirst('start-up', starting);
  starting.then(
    () => {
      state = 'running';
    },
    (error: unknown) => {
      // A start-up that ends because it was told to has not failed.
      if (shutdown.signal.aborted) log.debug({ err: error }, 'start-up ended by the stop');
      else fail(error, 'cannot start');
    },
  );
}

/** A `start` that throws before its first wait is a rejected one. */
async function startNow(start: () => Promise<void>): Promise<void> {
  await start();
}

function chooseFormat(format: LogFormat | 'auto'): LogFormat {
  return format === 'auto' ? (process.stdout.isTTY ? 'text' : 'json') : format;
}

function readOrExit<E extends Environment<Variables>>(environment: E, env: NodeJS.ProcessEnv) {
  try {
    return readEnvironment(environment, env);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    process.stderr.write(`${environment.service} cannot start:\n`);
    for (const problem of error.problems) process.stderr.write(`  ${problem}\n`);
    process.exit(1);
  }
}
