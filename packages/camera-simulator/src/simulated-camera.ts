import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMediaMtx } from '@camplane/mediamtx/find-mediamtx';
import type { MediaServerLog } from '@camplane/mediamtx/log';
import { silentLog } from '@camplane/mediamtx/log';
import type { CameraCredentials } from './camera-login.ts';
import { checkLogin, startCameraLogin } from './camera-login.ts';
import { createCameraPair } from './camera-pair.ts';
import type { ClipOptions } from './clip.ts';

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

/** Starts a camera and resolves when it is readable. */
export async function startSimulatedCamera(options: SimulatedCameraOptions): Promise<SimulatedCamera> {
  if (options.credentials !== null) checkLogin(options.credentials);
  options.signal?.throwIfAborted();
  const binary =
    options.mediaMtxBinary ??
    (await findMediaMtx({
      configured: process.env['MEDIAMTX_BIN'],
      searchPath: process.env['PATH'],
      startFolder: process.cwd(),
    }));
  const folder = await mkdtemp(join(tmpdir(), 'camplane-camera-'));
  const stopped = new AbortController();
  const login = await startCameraLogin(() => pair.credentials());
  const pair = createCameraPair({
    ...options,
    binary,
    folder,
    path: options.path ?? 'stream1',
    host: options.host ?? '127.0.0.1',
    loginUrl: login.url,
    log: options.log ?? silentLog,
    stopSignal: stopped.signal,
  });
  const serially = createTurns();

  let stopping: Promise<void> | undefined;
  function stop(): Promise<void> {
    stopping ??= (async () => {
      stopped.abort();
      await pair.kill();
      await login.stop();
      await rm(folder, { recursive: true, force: true });
    })();
    return stopping;
  }

  options.signal?.addEventListener('abort', () => void stop(), { once: true });
  pair.onExit((restart) => serially(restart));
  try {
    options.signal?.throwIfAborted();
    await pair.start();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    get url() {
      return pair.url();
    },
    get port() {
      return pair.port();
    },
    pids: pair.pids,
    freeze: () => pair.send('publisher', 'SIGSTOP'),
    thaw: () => pair.send('publisher', 'SIGCONT'),
    freezeServer: () => pair.send('server', 'SIGSTOP'),
    thawServer: () => pair.send('server', 'SIGCONT'),
    vanish: () => {
      pair.setPresent(false);
      return serially(pair.kill);
    },
    comeBack: () => {
      pair.setPresent(true);
      return serially(pair.restart);
    },
    changeClip: (change) => serially(() => pair.changeClip(change)),
    setCredentials: (next) => {
      if (next !== null) checkLogin(next);
      return serially(() => pair.setCredentials(next));
    },
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
