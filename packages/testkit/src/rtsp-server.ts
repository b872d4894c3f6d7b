import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startRtspServer } from '@camplane/camera-simulator/camera-processes';
import { findMediaMtx } from '@camplane/mediamtx/find-mediamtx';
import { silentLog } from '@camplane/mediamtx/log';
import { PortTakenError } from '@camplane/mediamtx/media-server-error';
import { freePort } from './free-port.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

export type TestRtspServer = {
  readonly port: number;
  readonly pid: number;
  /** SIGKILL, awaited. */
  kill(): Promise<void>;
  stop(): Promise<void>;
};

export type TestRtspServerOptions = {
  /** For readers; null: anyone may read. Clients on loopback may always publish. */
  login: { username: string; password: string } | null;
  authMethods?: readonly ('basic' | 'digest')[];
  /** Configured paths by name. Any other path exists once it is published. */
  paths?: Record<string, unknown>;
};

const startAttempts = 5;

/**
 * Starts MediaMTX as a plain RTSP server over TCP on a free loopback port, without Camplane's configuration: see
 * `media-server.ts` for that.
 */
export async function startTestRtspServer(options: TestRtspServerOptions): Promise<TestRtspServer> {
  const binary = await findMediaMtx({
    configured: process.env['MEDIAMTX_BIN'],
    searchPath: process.env['PATH'],
    startFolder: process.cwd(),
  });
  const folder = await createTemporaryFolder();
  const configurationFile = join(folder.path, 'mediamtx.yml');
  const end = new AbortController();
  try {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      await writeFile(configurationFile, configuration(port, options));
      try {
        const running = await startRtspServer({
          ...{ binary, configurationFile, port },
          log: silentLog,
          signal: end.signal,
        });
        return {
          port,
          pid: running.pid,
          kill: () => running.kill(),
          stop: async () => {
            await running.kill();
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

function configuration(port: number, options: TestRtspServerOptions): string {
  const read = { permissions: [{ action: 'read' }] };
  const { login, authMethods = ['basic', 'digest'], paths } = options;
  return JSON.stringify({
    ...{ logLevel: 'info', logDestinations: ['stdout'], logStructured: true },
    ...{ api: false, metrics: false, pprof: false, playback: false },
    ...{ rtmp: false, hls: false, webrtc: false, srt: false, moq: false },
    ...{ rtsp: true, rtspTransports: ['tcp'], rtspAddress: `127.0.0.1:${port}` },
    rtspAuthMethods: authMethods,
    authInternalUsers: [
      { user: 'any', ips: ['127.0.0.1/32'], permissions: [{ action: 'publish' }] },
      login ? { user: login.username, pass: login.password, ...read } : { user: 'any', ...read },
    ],
    paths: { ...paths, all_others: {} },
  });
}
