import { monotonicClock } from '@camplane/runtime/clock';
import { onAbort } from '@camplane/runtime/abort';
import { messageOf } from '@camplane/runtime/message-of';
import { pause } from '@camplane/runtime/pause';
import type { Logger } from '@camplane/service-kit/logging';
import { StartupError } from '@camplane/service-kit/startup-error';
import { defaultRestartPolicy } from '@camplane/supervisor/restart-policy';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { supervise } from '@camplane/supervisor/supervise';
import type { RunContext } from '@camplane/supervisor/supervise';
import { startPostgresProgram } from './run-program.ts';
import type { PostgresInstallation } from './run-program.ts';
import { endStaleServer } from './stale-server.ts';

const probeIntervalMs = 5000;
/** A fast shutdown writes what is in the buffers; after SIGKILL the next start replays the log instead. */
const killAfterMs = 2000;

/**
 * The sign of life is an answered query. The deadlines are long, because small machines have slow disks and recovery
 * after a crash takes time.
 */
const policy = {
  ...defaultRestartPolicy,
  firstDelayMs: 50,
  baseMs: 500,
  maxMs: 10_000,
  startDeadlineMs: 120_000,
  stallMinMs: 60_000,
};

export type PostgresServer = {
  /** Resolves when it first accepts connections. @throws StartupError when the first start fails */
  started: Promise<void>;
  /** Resolves when it has ended. */
  stop(): Promise<void>;
};

/** PostgreSQL as a supervised child: restarted when it ends or no longer answers. */
export function superviseServer(options: {
  installation: PostgresInstallation;
  /** One query. */
  probe(): Promise<void>;
  log: Logger;
}): PostgresServer {
  const { installation, log } = options;
  const started = Promise.withResolvers<void>();
  // Not waiting for the start must not make its failure an unhandled rejection.
  started.promise.catch(() => undefined);

  async function runOnce({ signal, onFrames }: RunContext): Promise<void> {
    await endStaleServer(installation.folder.cluster, signal);
    const ended = new AbortController();
    const accepting = Promise.withResolvers<void>();
    const child = startPostgresProgram(installation, {
      name: 'postgres',
      command: installation.program.postgres,
      args: serverArguments(installation),
      signal,
      killAfterMs,
      onStderrLine: (line) => {
        logLine(log, line, signal.aborted);
        if (line.includes('ready to accept connections')) accepting.resolve();
      },
    });
    const probing = accepting.promise.then(() => {
      if (ended.signal.aborted) return;
      log.info({ pid: child.pid, version: installation.program.majorVersion }, 'PostgreSQL ready');
      onFrames(1);
      started.resolve();
      return probeUntilAborted(AbortSignal.any([signal, ended.signal]), onFrames);
    });
    const ending = await child.ended;
    ended.abort();
    accepting.resolve();
    await probing;
    if (ending.kind === 'stopped') return;
    const reason =
      ending.kind === 'spawn-failed' ? ending.message : (lastComplaint(ending.stderrTail) ?? ending.kind);
    throw new RunFailure(
      ending.kind === 'signalled' ? 'Killed' : 'Ended',
      `PostgreSQL ended unexpectedly: ${reason}`,
    );
  }

  async function probeUntilAborted(signal: AbortSignal, onFrames: (count: number) => void): Promise<void> {
    for (;;) {
      await pause(probeIntervalMs, monotonicClock, signal);
      if (signal.aborted) return;
      await options.probe().then(
        () => onFrames(1),
        (error: unknown) => log.warn({ reason: messageOf(error) }, 'database probe failed'),
      );
    }
  }

  const supervisor = supervise({
    runOnce,
    policy,
    clock: monotonicClock,
    random: Math.random,
    onChange: ({ phase, failure, nextAttemptMs, restarts }) => {
      if (phase !== 'waiting') return;
      // Does nothing after a successful start.
      started.reject(new StartupError(failure?.message ?? 'PostgreSQL ended during its start'));
      const delayMs = nextAttemptMs === null ? undefined : Math.max(0, nextAttemptMs - monotonicClock.now());
      log.error({ reason: failure?.message, restarts, delayMs }, 'PostgreSQL ended, will restart');
    },
  });
  supervisor.start();

  return {
    started: started.promise,
    stop: async () => {
      started.reject(new StartupError('PostgreSQL was stopped before it was ready'));
      await supervisor.stop();
    },
  };
}

/** Resolves as `server.started` does; stops the server and rejects once the signal is aborted. */
export async function awaitStart(server: PostgresServer, signal: AbortSignal): Promise<void> {
  const removeListener = onAbort(signal, () => void server.stop());
  try {
    await server.started;
  } finally {
    removeListener();
  }
  signal.throwIfAborted();
}

/** Sized for one client and a small machine. */
function serverArguments({ program, folder }: PostgresInstallation): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: folder.socket,
    shared_buffers: '16MB',
    maintenance_work_mem: '16MB',
    max_connections: '20',
    autovacuum_max_workers: '1',
    max_parallel_workers_per_gather: '0',
    max_logical_replication_workers: '0',
    huge_pages: 'off',
    jit: 'off',
    // There is no replica.
    wal_level: 'minimal',
    max_wal_senders: '0',
    min_wal_size: '32MB',
    max_wal_size: '128MB',
    // A recycled file keeps its old content: deleted rows, and passwords from before they were encrypted.
    wal_recycle: 'off',
    timezone: 'UTC',
    log_line_prefix: '',
    // Neither rows nor statements: both hold credentials of cameras.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    // In place of three worker processes.
    ...(program.majorVersion >= 18 ? { io_method: 'sync' } : {}),
  };
  return [
    '-D',
    folder.cluster,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

function logLine(log: Logger, line: string, stopping: boolean): void {
  const [, severity, message] = /^(\w+): +(.*)$/.exec(line) ?? [];
  // A shutdown ends each open session with FATAL.
  if (!stopping && (severity === 'FATAL' || severity === 'PANIC'))
    log.warn({ severity }, `PostgreSQL: ${message}`);
  else log.debug({ severity }, `PostgreSQL: ${message ?? line}`);
}

function lastComplaint(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => /^(FATAL|PANIC): /.test(line)) ?? lines.at(-1);
}
