import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MediaServerLog } from '@camplane/mediamtx/log';
import { PortTakenError } from '@camplane/mediamtx/media-server-error';
import type { CameraCredentials } from './camera-login.ts';
import type { Running } from './camera-processes.ts';
import { startPublishing, startRtspServer } from './camera-processes.ts';
import { cameraServerConfiguration } from './camera-server-configuration.ts';
import type { ClipOptions } from './clip.ts';
import { encodedClip } from './clip.ts';
import { freePort, freeUdpPortPair } from './free-port.ts';
import { describeStatus } from './rtsp-describe.ts';

export type CameraPairOptions = ClipOptions & {
  credentials: CameraCredentials | null;
  /** 0: any free port, which the camera then keeps. */
  port: number;
  host: string;
  path: string;
  binary: string;
  /** Private folder for the server's configuration. */
  folder: string;
  cacheFolder: string;
  loginUrl: string;
  log: MediaServerLog;
  stopSignal: AbortSignal;
};

/** The two processes of a simulated camera: an RTSP server and the publisher of its clip. */
export type CameraPair = {
  start(): Promise<void>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Called with a restart when one of the processes exits although the camera is present. */
  onExit(run: (restart: () => Promise<void>) => Promise<void>): void;
  setPresent(isPresent: boolean): void;
  changeClip(change: Partial<ClipOptions>): Promise<void>;
  setCredentials(credentials: CameraCredentials | null): Promise<void>;
  send(process: 'server' | 'publisher', signal: NodeJS.Signals): void;
  pids(): { server: number | null; publisher: number | null };
  credentials(): CameraCredentials | null;
  port(): number;
  url(): string;
};

const startAttempts = 5;
const publishDeadlineMs = 10_000;
const reviveAfterMs = 500;

export function createCameraPair(options: CameraPairOptions): CameraPair {
  const { path, stopSignal } = options;
  let { credentials, port } = options;
  let clip: ClipOptions = options;
  let server: Running | undefined;
  let publisher: Running | undefined;
  let isPresent = true;
  let schedule: ((restart: () => Promise<void>) => Promise<void>) | undefined;
  const url = () => `rtsp://127.0.0.1:${port}/${path}`;
  const isReadable = async () => (await describeStatus({ port, path, credentials })) === 200;

  async function startPublisher(): Promise<void> {
    const file = await encodedClip(clip, options.cacheFolder, stopSignal);
    stopSignal.throwIfAborted();
    publisher = startPublishing({ file, url: url(), log: options.log, signal: stopSignal });
    await waitUntilReadable(publisher, isReadable, stopSignal);
    watch(publisher);
  }

  async function start(): Promise<void> {
    try {
      ({ server, port } = await startServer(options, port, credentials));
      // The publisher ends with the server, which must restart first.
      watch(server);
      await startPublisher();
    } catch (error) {
      await kill();
      throw error;
    }
  }

  async function kill(): Promise<void> {
    const [first, second] = [publisher, server];
    publisher = undefined;
    server = undefined;
    await Promise.all([first?.kill(), second?.kill()]);
  }

  async function restart(): Promise<void> {
    await kill();
    await start();
  }

  /** Restarts a process that was killed from outside, for example by `killall ffmpeg`. */
  function watch(process: Running): void {
    process.ended.addEventListener('abort', () => {
      if (process === server || process === publisher) revive();
    });
  }

  function revive(): void {
    delay(reviveAfterMs, undefined, { signal: stopSignal })
      .then(() => schedule?.(reviveNow))
      .catch(() => {
        if (!stopSignal.aborted) revive();
      });
  }

  async function reviveNow(): Promise<void> {
    const isBroken = server?.ended.aborted === true || publisher?.ended.aborted === true;
    if (!isPresent || (server !== undefined && publisher !== undefined && !isBroken)) return;
    await restart();
  }

  return {
    start,
    kill,
    restart,
    onExit: (run) => {
      schedule = run;
    },
    setPresent: (value) => {
      isPresent = value;
    },
    changeClip: async (change) => {
      clip = { ...clip, ...change };
      // Encode first, so that the switch is quick.
      await encodedClip(clip, options.cacheFolder, stopSignal);
      const old = publisher;
      publisher = undefined;
      await old?.kill();
      // Wait until the old stream has ended, to distinguish it from the new one.
      while (await isReadable()) await delay(10, undefined, { signal: stopSignal });
      await startPublisher();
    },
    setCredentials: (next) => {
      credentials = next;
      return restart();
    },
    send: (process, signal) => (process === 'server' ? server : publisher)?.send(signal),
    pids: () => ({ server: server?.pid ?? null, publisher: publisher?.pid ?? null }),
    credentials: () => credentials,
    port: () => port,
    url,
  };
}

/** Starts the RTSP server; retries with another port if the one that was free has been taken. */
async function startServer(
  options: CameraPairOptions,
  currentPort: number,
  credentials: CameraCredentials | null,
): Promise<{ server: Running; port: number }> {
  const { binary, folder, host, path, loginUrl, log, stopSignal } = options;
  const configurationFile = join(folder, 'mediamtx.yml');
  let port = currentPort;
  for (let attempt = 1; ; attempt += 1) {
    stopSignal.throwIfAborted();
    if (port === 0) port = await freePort();
    const udpPorts = await freeUdpPortPair();
    const settings = { host, rtspPort: port, udpPorts, path, credentials, loginUrl };
    await writeFile(configurationFile, cameraServerConfiguration(settings), { mode: 0o600 });
    try {
      const server = await startRtspServer({ binary, configurationFile, port, log, signal: stopSignal });
      return { server, port };
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt >= startAttempts) throw error;
      // Another program took the free port before we listened; a requested port never changes.
      if (error.port === port && options.port !== 0) throw error;
      if (error.port === port) port = 0;
    }
  }
}

async function waitUntilReadable(
  { stderr, ended }: Running,
  isReadable: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + publishDeadlineMs;
  while (!(await isReadable())) {
    if (ended.aborted || Date.now() > deadline) {
      throw new Error(
        `the simulated camera does not publish: ${stderr().trim() || 'no error output from FFmpeg'}`,
      );
    }
    await delay(20, undefined, { signal });
  }
}
