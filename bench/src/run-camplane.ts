import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createMediaMtxApi } from '@camplane/mediamtx/api-client';
import type { MediaMtxApi } from '@camplane/mediamtx/api-client';
import { freePorts } from '@camplane/testkit/free-port';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';

const apiPassword = 'bench';

const main = fileURLToPath(new URL('../../services/standalone/src/main.ts', import.meta.url));

/** Camplane as `make up` starts it, in a folder and at ports of its own, quiet. */
export async function startCamplane(
  environment: Record<string, string> = {},
): Promise<{ url: string; rtspUrl: string; pid: number; api: MediaMtxApi; stop(): Promise<void> }> {
  const folder = await createTemporaryFolder();
  const [http, rtsp, hls, webrtc, media, api] = await freePorts(6);
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      DEMO_CAMERA: 'off',
      LOG_LEVEL: 'error',
      DATA_DIR: folder.path,
      HTTP_PORT: String(http),
      RTSP_PORT: String(rtsp),
      HLS_PORT: String(hls),
      WEBRTC_PORT: String(webrtc),
      WEBRTC_MEDIA_PORT: String(media),
      MEDIAMTX_API_PORT: String(api),
      CAMERA_SERVICE_PORT: '0',
      MEDIAMTX_API_PASSWORD: apiPassword,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-2000);
      if (output.includes('Camplane is ready')) resolve();
    });
    child.once('close', (code) => reject(new Error(`Camplane ended with code ${code}: ${output}`)));
  });
  return {
    url: `http://127.0.0.1:${http}`,
    rtspUrl: `rtsp://127.0.0.1:${rtsp}`,
    pid: child.pid ?? 0,
    api: createMediaMtxApi({
      baseUrl: `http://127.0.0.1:${api}`,
      credentials: { username: 'camplane', password: apiPassword },
    }),
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await folder.remove();
    },
  };
}
