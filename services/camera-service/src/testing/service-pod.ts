import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { mediaServerConfiguration } from '@camplane/mediamtx/configuration';
import { findMediaMtx } from '@camplane/mediamtx/find-mediamtx';
import { freePorts } from '@camplane/testkit/free-port';
import { startServerProcess } from '@camplane/testkit/server-process';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { createMountedVolume } from './mounted-volume.ts';

type Readiness = {
  ready: boolean;
  checks: { name: string; ok: boolean; advisory?: true; reason?: string }[];
};

/** The processes of a camera's pod: camera-service (`main.ts`) and a MediaMTX with RTSP only. */
export type ServicePod = Awaited<ReturnType<typeof startServicePod>>;

export async function startServicePod(options: {
  /** Content of `cameras.json`; null: the file does not exist. */
  cameras: string | null;
  credentials?: Record<string, string>;
  /** False: nothing listens at the address of MediaMTX. */
  hasMediaServer: boolean;
  environment?: Record<string, string>;
}) {
  const folder = await createTemporaryFolder();
  const [http = 0, rtsp = 0, api = 0] = await freePorts(3);
  const config = await createMountedVolume(join(folder.path, 'config'));
  const secret = await createMountedVolume(join(folder.path, 'secret'));
  const media = await createMountedVolume(join(folder.path, 'mediamtx'));
  if (options.cameras !== null) await config.put({ 'cameras.json': options.cameras });
  await secret.put(options.credentials ?? {});
  await media.put({
    'mediamtx.yml': mediaServerConfiguration({
      ...{ host: '127.0.0.1', ports: { rtsp, api, metrics: null }, logLevel: 'warn' },
      ...{ authUrl: `http://127.0.0.1:${http}/mediamtx/auth`, controlAccess: 'open' },
      ...{ allowOrigins: [], additionalHosts: [] },
    }),
  });
  const mediaServer = options.hasMediaServer
    ? startServerProcess('mediamtx', await binary(), [join(media.path, 'mediamtx.yml')])
    : null;

  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts')], {
    env: {
      ...{ PATH: process.env['PATH'], DATA_DIR: join(folder.path, 'data'), LOG_FORMAT: 'text' },
      CAMERA_SERVICE_PORT: String(http),
      CAMPLANE_CAMERAS_FILE: join(config.path, 'cameras.json'),
      CAMPLANE_CREDENTIALS_DIR: secret.path,
      MEDIAMTX_API_URL: `http://127.0.0.1:${api}`,
      MEDIAMTX_RTSP_URL: `rtsp://127.0.0.1:${rtsp}`,
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (log += text));
  }
  const exited = once(child, 'close').then(([code]) => code as number | null);
  const get = async (path: string) => fetch(`http://127.0.0.1:${http}${path}`);

  return {
    pid: child.pid ?? 0,
    config,
    secret,
    log: () => log,
    rtspUrl: (path: string) => `rtsp://127.0.0.1:${rtsp}/${path}`,
    /** The readiness probe; null while nothing listens. */
    async readiness(): Promise<Readiness | null> {
      const answer = await get('/readyz').catch(() => null);
      if (!answer) return null;
      const body = (await answer.json()) as Readiness;
      if (body.ready !== (answer.status === 200)) throw new Error(`readyz returned ${answer.status}`);
      return body;
    },
    status: async (id: string) => (await (await get(`/cameras/${id}/status`)).json()) as CameraStatus,
    snapshot: async (id: string) => Buffer.from(await (await get(`/cameras/${id}/snapshot`)).arrayBuffer()),
    /** Sends SIGTERM, and returns the exit code and the time until the exit. */
    async end(): Promise<{ code: number | null; afterMs: number }> {
      const signalledAt = performance.now();
      child.kill('SIGTERM');
      const code = await exited;
      return { code, afterMs: performance.now() - signalledAt };
    },
    async stop(): Promise<void> {
      child.kill('SIGKILL');
      await exited;
      await mediaServer?.kill();
      await folder.remove();
    },
  };
}

function binary(): Promise<string> {
  const { MEDIAMTX_BIN: configured, PATH: searchPath } = process.env;
  return findMediaMtx({ configured, searchPath, startFolder: process.cwd() });
}
