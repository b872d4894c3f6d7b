import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MediaMtxApi } from '@camplane/mediamtx/api-client';
import { createMediaMtxApi } from '@camplane/mediamtx/api-client';
import type { MediaServerPorts } from '@camplane/mediamtx/configuration';
import { mediaServerConfiguration, portUsesOf } from '@camplane/mediamtx/configuration';
import { findMediaMtx } from '@camplane/mediamtx/find-mediamtx';
import type { MediaServerLog } from '@camplane/mediamtx/log';
import { silentLog } from '@camplane/mediamtx/log';
import { PortTakenError } from '@camplane/mediamtx/media-server-error';
import { apiProbe, runMediaServer } from '@camplane/mediamtx/media-server-process';
import { asError } from '@camplane/runtime/as-error';
import { freePorts } from './free-port.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

export type TestMediaServerOptions = {
  /** `none` allows everything; otherwise the URL of the auth hook. */
  auth: 'none' | { url: string };
  controlAccess?: 'open' | 'hook';
  apiCredentials?: { username: string; password: string };
  log?: MediaServerLog;
};

export type TestMediaServer = {
  readonly ports: MediaServerPorts;
  readonly api: MediaMtxApi;
  readonly pid: number;
  rtspUrl(path: string): string;
  hlsUrl(path: string): string;
  whepUrl(path: string): string;
  /** SIGKILL, awaited. */
  kill(): Promise<void>;
  /** Restarts it after `kill` on the same ports. Paths added by the API are lost. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

const startAttempts = 5;

/** Starts MediaMTX with Camplane's configuration on free loopback ports; resolves once its API responds. */
export async function startTestMediaServer(options: TestMediaServerOptions): Promise<TestMediaServer> {
  const log = options.log ?? silentLog;
  const binary = await findMediaMtx({
    configured: process.env['MEDIAMTX_BIN'],
    searchPath: process.env['PATH'],
    startFolder: process.cwd(),
  });
  const folder = await createTemporaryFolder();
  const configurationFile = join(folder.path, 'mediamtx.yml');

  async function run(ports: MediaServerPorts, api: MediaMtxApi) {
    const end = new AbortController();
    let exited = false;
    let ended: Promise<unknown> = Promise.resolve();
    const pid = await new Promise<number>((resolve, reject) => {
      ended = runMediaServer({
        binary,
        configurationFile,
        portUses: portUsesOf(ports),
        probe: apiProbe(api),
        signal: end.signal,
        log,
        onReady: resolve,
      })
        .finally(() => {
          exited = true;
        })
        .then(
          (ending) => reject(new Error(`MediaMTX exited at its start: ${JSON.stringify(ending)}`)),
          (error: unknown) => reject(asError(error)),
        );
    });
    return { pid, end, ended, exited: () => exited };
  }

  try {
    for (let attempt = 1; ; attempt += 1) {
      const [rtsp = 0, hls = 0, webrtc = 0, webrtcUdp = 0, apiPort = 0, metrics = 0] = await freePorts(6);
      const ports = { rtsp, hls, webrtc, webrtcUdp, api: apiPort, metrics };
      const api = createMediaMtxApi({
        baseUrl: `http://127.0.0.1:${apiPort}`,
        ...(options.apiCredentials === undefined ? {} : { credentials: options.apiCredentials }),
      });
      const text = mediaServerConfiguration({
        host: '127.0.0.1',
        ports,
        authUrl: options.auth === 'none' ? null : options.auth.url,
        controlAccess: options.controlAccess ?? 'open',
        logLevel: 'info',
        allowOrigins: ['*'],
        additionalHosts: [],
      });
      await writeFile(configurationFile, text);
      try {
        let running = await run(ports, api);
        const kill = async () => {
          if (!running.exited()) process.kill(running.pid, 'SIGKILL');
          await running.ended;
        };
        return {
          ports,
          api,
          get pid() {
            return running.pid;
          },
          rtspUrl: (path) => `rtsp://127.0.0.1:${rtsp}/${path}`,
          hlsUrl: (path) => `http://127.0.0.1:${hls}/${path}/index.m3u8`,
          whepUrl: (path) => `http://127.0.0.1:${webrtc}/${path}/whep`,
          kill,
          restart: async () => {
            running = await run(ports, api);
          },
          stop: async () => {
            running.end.abort();
            await running.ended;
            await folder.remove();
          },
        };
      } catch (error) {
        // Another test took the port between the lookup and the start.
        if (!(error instanceof PortTakenError) || attempt >= startAttempts) throw error;
      }
    }
  } catch (error) {
    await folder.remove();
    throw error;
  }
}
