import type { MediaMtxApi } from '@camplane/mediamtx/api-client';
import { PortTakenError } from '@camplane/mediamtx/media-server-error';
import { apiProbe, runMediaServer } from '@camplane/mediamtx/media-server-process';
import { watchRtsp } from '@camplane/mediamtx/rtsp-heartbeat';
import type { Logger } from '@camplane/service-kit/logging';
import { StartupError } from '@camplane/service-kit/startup-error';
import { monotonicClock } from '@camplane/runtime/clock';
import { defaultRestartPolicy } from '@camplane/supervisor/restart-policy';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { supervise } from '@camplane/supervisor/supervise';
import type { RunContext } from '@camplane/supervisor/supervise';

const livenessIntervalMs = 500;

/** Viewers see nothing while MediaMTX is down: short backoff, and a hang is detected within three seconds. */
const policy = {
  ...defaultRestartPolicy,
  firstDelayMs: 50,
  baseMs: 250,
  maxMs: 5000,
  stallMinMs: 3000,
  startDeadlineMs: 11_000,
};

/** Runs MediaMTX as a child and restarts it when it exits or hangs. An RTSP response is its sign of life. */
export function superviseMediaServer(options: {
  binary: string;
  configurationFile: string;
  /** By port: its use, and the variable that sets it. */
  portUses: Readonly<Record<number, { use: string; variable: string }>>;
  api: MediaMtxApi;
  rtspPort: number;
  log: Logger;
  onReady(): void;
}): { started: Promise<void>; stop(): Promise<void> } {
  const { log } = options;
  let announceStart: (error?: Error) => void = () => undefined;
  const started = new Promise<void>((resolve, reject) => {
    announceStart = (error) => (error ? reject(error) : resolve());
  });
  // A caller that does not await the start must not get an unhandled rejection.
  started.catch(() => undefined);

  async function runOnce({ signal, onFrames }: RunContext): Promise<void> {
    const ended = new AbortController();
    let watching: Promise<void> = Promise.resolve();
    try {
      const ending = await runMediaServer({
        binary: options.binary,
        configurationFile: options.configurationFile,
        portUses: Object.fromEntries(Object.entries(options.portUses).map(([port, { use }]) => [port, use])),
        probe: apiProbe(options.api),
        signal,
        log,
        onReady: (pid) => {
          log.info({ pid }, 'MediaMTX is ready');
          onFrames(1);
          watching = watchRtsp({
            host: '127.0.0.1',
            port: options.rtspPort,
            intervalMs: livenessIntervalMs,
            onAlive: () => onFrames(1),
            signal: AbortSignal.any([signal, ended.signal]),
          });
          announceStart();
          options.onReady();
        },
      });
      if (ending.kind !== 'stopped')
        throw new RunFailure(
          'MediaServerUnavailable',
          `MediaMTX exited: ${ending.stderrTail.at(-1) ?? ending.kind}`,
        );
    } catch (error) {
      if (error instanceof PortTakenError) announceStart(portTaken(error, options.portUses));
      throw error;
    } finally {
      ended.abort();
      await watching;
    }
  }

  const supervisor = supervise({
    runOnce,
    policy,
    clock: monotonicClock,
    random: Math.random,
    onChange: ({ phase, failure, restarts }) => {
      if (phase === 'waiting')
        log.error({ reason: failure?.message, restarts }, 'MediaMTX failed, restarting');
    },
  });
  supervisor.start();

  return {
    started,
    async stop() {
      await supervisor.stop();
      announceStart(new StartupError('MediaMTX was stopped before it was ready'));
    },
  };
}

function portTaken(
  error: PortTakenError,
  uses: Readonly<Record<number, { use: string; variable: string }>>,
): StartupError {
  const known = uses[error.port];
  return new StartupError(
    `port ${error.port} (MediaMTX ${known?.use ?? 'listener'}) is in use by another program: stop it${known ? ` or set ${known.variable}` : ''}`,
    { cause: error },
  );
}
