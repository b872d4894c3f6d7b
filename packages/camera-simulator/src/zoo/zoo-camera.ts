import { startHlsCamera } from '../http/hls-camera.ts';
import { startMultipartCamera } from '../http/multipart-camera.ts';
import { startSnapshotCamera } from '../http/snapshot-camera.ts';
import { startDeviatingCamera } from '../rtsp/deviating-camera.ts';
import type { LoginDeviation } from '../rtsp/deviation.ts';
import type { ZooCamera } from './zoo-row.ts';

export type RunningZooCamera = {
  /** Without user information. */
  readonly url: string;
  readonly credentials: { username: string; password: string } | null;
  stop(): Promise<void>;
};

/** Starts the camera of a row. */
export async function startZooCamera(
  camera: ZooCamera,
  options: { cacheFolder: string; port?: number; host?: string },
): Promise<RunningZooCamera> {
  switch (camera.kind) {
    case 'rtsp':
      return withLogin(await startDeviatingCamera({ ...options, deviation: camera }), camera.login);
    case 'multipart':
      return withLogin(await startMultipartCamera(camera, options), camera.login);
    case 'snapshot':
      return withLogin(await startSnapshotCamera(camera, options), camera.login);
    case 'hls':
      return withLogin(await startHlsCamera(camera, options), undefined);
  }
}

function withLogin(
  { url, stop }: { url: string; stop(): Promise<void> },
  login: LoginDeviation | undefined,
): RunningZooCamera {
  const credentials = login === undefined ? null : { username: login.username, password: login.password };
  return { url, stop, credentials };
}
