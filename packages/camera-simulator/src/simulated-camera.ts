import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findMediaMtx } from '@camplane/mediamtx/find-mediamtx';
import type { MediaServerLog } from '@camplane/mediamtx/log';
import { silentLog } from '@camplane/mediamtx/log';
import { PortTakenError } from '@camplane/mediamtx/media-server-error';
import type { CameraCredentials } from './camera-login.ts';
import { checkLogin, startCameraLogin } from './camera-login.ts';
import type { Running } from './camera-processes.ts';
import { startPublishing, startRtspServer } from './camera-processes.ts';
import { cameraServerConfiguration } from './camera-server-configuration.ts';
import type { ClipOptions } from './clip.ts';
import { encodedClip } from './clip.ts';
import { freePort, freeUdpPortPair } from './free-port.ts';
import { describeStatus } from './rtsp-describe.ts';

export type SimulatedCameraOptions = ClipOptions & {
  /** Null: anyone may read. */
  credentials: CameraCredentials | null;
  /** 0: any free port. */
  port: number;
  /** Listen address; default 127.0.0.1. In a pod, `0.0.0.0`. */
  host?: string;
  /** Default `stream1`. */
  path?: string;
  /** Cache of encoded clips. */
  cacheFolder: string;
  /** Stops the camera, as `stop()` does. */
  signal?: AbortSignal;
  /** MediaMTX's binary; default: as found by `findMediaMtx`. */
  mediaMtxBinary?: string;
  log?: MediaServerLog;
};

export type SimulatedCamera = {
  /** Without user information. */
  readonly url: string;
  readonly port: number;
  /** Process ids of the two current processes. */
  pids(): { server: number | null; publisher: number | null };
  /** Stops the video; the camera still answers and keeps its sessions. */
  freeze(): void;
  thaw(): void;
  /** Connections stay open and silent; the kernel accepts new ones, which get no response. */
  freezeServer(): void;
  thawServer(): void;
  /** Kills both processes: connections close, new ones are refused. */
  vanish(): Promise<void>;
  /** Returns at the same port. */
  comeBack(): Promise<void>;
  /** Plays another clip: readers are disconnected, as when a camera reconfigures its encoder. */
  changeClip(change: Partial<ClipOptions>): Promise<void>;
  /** Changes the login; sessions end. */
  setCredentials(credentials: CameraCredentials | null): Promise<void>;
  stop(): Promise<void>;
};

const startAttempts = 5;
const publishDeadlineMs = 10_000;
const reviveAfterMs = 500;

/** Starts a camera and resolves when it is readable. */
export async function startSimulatedCamera(options: SimulatedCameraOptions): Promise<SimulatedCamera> {
  if (options.credentials !== null) checkLogin(options.credentials);
  const log = options.log ?? silentLog;
  const { path = 'stream1', host = '127.0.0.1' } = options;
  const binary =
    options.mediaMtxBinary ??
    (await findMediaMtx({
      configured: process.env['MEDIAMTX_BIN'],
      searchPath: process.env['PATH'],
      startFolder: process.cwd(),
    }));
  const folder = await mkdtemp(join(tmpdir(), 'camplane-camera-'));
  const configurationFile = join(folder, 'mediamtx.yml');
  const stopped = new AbortController();
  let { credentials } = options;
  let clip: ClipOptions = options;
  let port = options.port;
  const login = await startCameraLogin(() => credentials);
  let server: Running | undefined;
  let publisher: Running | undefined;
  /** False between `vanish()` and `comeBack()`. */
  let isPresent = true;
  const serially = createTurns();

  async function startServer(): Promise<void> {
    for (let attempt = 1; server === undefined; attempt += 1) {
      stopped.signal.throwIfAborted();
      if (port === 0) port = await freePort();
      const udpPorts = await freeUdpPortPair();
      const settings = { host, rtspPort: port, udpPorts, path, credentials, loginUrl: login.url };
      await writeFile(configurationFile, cameraServerConfiguration(settings), { mode: 0o600 });
      try {
        server = await startRtspServer({ binary, configurationFile, port, log, signal: stopped.signal });
      } catch (error) {
        if (!(error instanceof PortTakenError) || attempt >= startAttempts) throw error;
        // Another program took the free port before we listened; a requested port never changes.
        if (error.port === port && options.port !== 0) throw error;
        if (error.port === port) port = 0;
      }
    }
    // The publisher ends with the server, which must restart first.
    watch(server);
  }

  async function startPublisher(): Promise<void> {
    const file = await encodedClip(clip, options.cacheFolder, stopped.signal);
    stopped.signal.throwIfAborted();
    publisher = startPublishing({
      file,
      url: `rtsp://127.0.0.1:${port}/${path}`,
      log,
      signal: stopped.signal,
    });
    const { stderr, ended } = publisher;
    const deadline = Date.now() + publishDeadlineMs;
    while (!(await isReadable())) {
      if (ended.aborted || Date.now() > deadline) {
        throw new Error(
          `the simulated camera does not publish: ${stderr().trim() || 'no error output from FFmpeg'}`,
        );
      }
      await delay(20, undefined, { signal: stopped.signal });
    }
    watch(publisher);
  }

  /** Restarts a process that was killed from outside, for example by `killall ffmpeg`. */
  function watch(process: Running): void {
    process.ended.addEventListener('abort', () => {
      if (process === server || process === publisher) revive();
    });
  }

  function revive(): void {
    delay(reviveAfterMs, undefined, { signal: stopped.signal })
      .then(() => serially(reviveNow))
      .catch(() => {
        if (!stopped.signal.aborted) revive();
      });
  }

  async function reviveNow(): Promise<void> {
    const isBroken = server?.ended.aborted === true || publisher?.ended.aborted === true;
    if (!isPresent || (server !== undefined && publisher !== undefined && !isBroken)) return;
    await restartBoth();
  }

  async function restartBoth(): Promise<void> {
    await killBoth();
    await startBoth();
  }

  async function isReadable(): Promise<boolean> {
    return (await describeStatus({ port, path, credentials })) === 200;
  }

  async function startBoth(): Promise<void> {
    try {
      await startServer();
      await startPublisher();
    } catch (error) {
      await killBoth();
      throw error;
    }
  }

  async function killBoth(): Promise<void> {
    const [first, second] = [publisher, server];
    publisher = undefined;
    server = undefined;
    await Promise.all([first?.kill(), second?.kill()]);
  }

  let stopping: Promise<void> | undefined;
  function stop(): Promise<void> {
    stopping ??= (async () => {
      stopped.abort();
      await killBoth();
      await login.stop();
      await rm(folder, { recursive: true, force: true });
    })();
    return stopping;
  }

  options.signal?.throwIfAborted();
  options.signal?.addEventListener('abort', () => void stop(), { once: true });
  try {
    await startBoth();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    get url() {
      return `rtsp://127.0.0.1:${port}/${path}`;
    },
    get port() {
      return port;
    },
    pids: () => ({ server: server?.pid ?? null, publisher: publisher?.pid ?? null }),
    freeze: () => publisher?.send('SIGSTOP'),
    thaw: () => publisher?.send('SIGCONT'),
    freezeServer: () => server?.send('SIGSTOP'),
    thawServer: () => server?.send('SIGCONT'),
    vanish: () => {
      isPresent = false;
      return serially(killBoth);
    },
    comeBack: () => {
      isPresent = true;
      return serially(restartBoth);
    },
    changeClip: (change) =>
      serially(async () => {
        clip = { ...clip, ...change };
        // Encode first, so that the switch is quick.
        await encodedClip(clip, options.cacheFolder, stopped.signal);
        const old = publisher;
        publisher = undefined;
        await old?.kill();
        // Wait until the old stream has ended, to distinguish it from the new one.
        while (await isReadable()) await delay(10, undefined, { signal: stopped.signal });
        await startPublisher();
      }),
    setCredentials: (next) =>
      serially(async () => {
        if (next !== null) checkLogin(next);
        credentials = next;
        await restartBoth();
      }),
    stop,
  };
}

/** Runs tasks one at a time, in order. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
