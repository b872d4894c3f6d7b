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

/** What `start` receives besides the configuration. */
export type ServiceTools = {
  log: Logger;
  metrics: Metrics;
  /** Not ready before `start` has resolved and after the stop has started. */
  health: Health;
  onStop: (name: string, fn: () => Promise<void> | void) => void;
  /** Aborted when the stop begins, even while `start` is running: every wait of a service must race it. */
  signal: AbortSignal;
  /** Requests a stop from within the service, with the same ordered shutdown as a signal. */
  stop: (reason: string) => void;
};

export type ServiceDefinition<E extends Environment<Variables>> = {
  name: string;
  environment: E;
  /** Starts the service. Must register everything it opens with `onStop` as soon as it is open. */
  start: (config: EnvironmentValues<E>, tools: ServiceTools) => Promise<void>;
};

/** The process must exit within 5 s of the signal; the rest is for the exit itself. */
const stopDeadlineMs = 4_500;

/**
 * The body of every `main.ts`: reads the environment, starts, waits for SIGINT, SIGTERM or SIGHUP, and stops in order.
 * Exit code 0 after a complete stop; 1 for an invalid environment, a failed start, an uncaught error or an incomplete
 * stop. A second signal exits at once.
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
      // A second signal: exit at once.
      if (shutdown.signal.aborted) process.exit(128 + constants.signals[signal]);
      stop(signal);
    });
  }
  process.on('uncaughtException', (error) => fail(error, 'uncaught exception'));
  process.on('unhandledRejection', (error) => fail(error, 'unhandled rejection'));

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
      // A start-up that was aborted has not failed.
      if (shutdown.signal.aborted) log.debug({ err: error }, 'start-up aborted by the stop');
      else fail(error, 'cannot start');
    },
  );
}

/** Turns a synchronous throw of `start` into a rejection. */
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
