import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { startSimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { findMediaMtx } from '@camplane/mediamtx/find-mediamtx';
import { mayCallHook } from '@camplane/mediamtx/hook-callers';
import { freePorts } from '@camplane/testkit/free-port';
import { ffprobeStream, readFrames } from '@camplane/testkit/read-stream';
import type { ServerProcess } from '@camplane/testkit/server-process';
import { startServerProcess } from '@camplane/testkit/server-process';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { clipCacheFolder, createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { root } from './testing/render.ts';

type Configuration = Record<string, unknown>;

/** Admits `viewer` to the camera front-door alone, and `camplane` to the control API. */
const logins = {
  ...{ viewer: 'viewer-password', api: 'api-password', readPassword: 'read-password' },
  hook: 'hook-password-of-mediamtx',
};
let folder: TemporaryFolder;
let camera: SimulatedCamera;
let pod: ServerProcess;
let edge: ServerProcess;
let hook: Server;
let ports: number[] = [];
const [rtsp, hls, webrtc, media, api, metrics, podRtsp] = [0, 1, 2, 3, 4, 5, 6];
const port = (index: number) => ports[index] ?? 0;

/** The committed ConfigMap as a pod reads it. */
function committed(): Configuration {
  const file = join(root, 'k8s/apps/mediamtx/base/configmap.yaml');
  const { data } = parse(readFileSync(file, 'utf8')) as { data: { 'mediamtx.yml': string } };
  return parse(data['mediamtx.yml'], { version: '1.1' }) as Configuration;
}

/** A variable of the edge's Deployment, as a pod on loopback gets it. */
function variable(name: string): string {
  const file = join(root, 'k8s/apps/mediamtx/base/deployment.yaml');
  const { spec } = parse(readFileSync(file, 'utf8')) as {
    spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } };
  };
  const value = spec.template.spec.containers[0]?.env.find((one) => one.name === name)?.value;
  if (value === undefined) throw new Error(`the Deployment has no ${name}`);
  const { port: hookPort } = hook.address() as AddressInfo;
  const replaced = value
    .replace('$(READ_PASSWORD)', logins.readPassword)
    .replace('$(HOOK_PASSWORD)', logins.hook)
    .replace('camera-$G1:8554', `127.0.0.1:${port(podRtsp)}`)
    .replace('camplane-media-hook:8082', `127.0.0.1:${hookPort}`);
  return `${name}=${replaced}`;
}

/** The configuration on free loopback ports. */
function onLoopback(configuration: Configuration): Configuration {
  return {
    ...configuration,
    rtspAddress: `127.0.0.1:${port(rtsp)}`,
    hlsAddress: `127.0.0.1:${port(hls)}`,
    webrtcAddress: `127.0.0.1:${port(webrtc)}`,
    webrtcLocalUDPAddress: `127.0.0.1:${port(media)}`,
    webrtcLocalTCPAddress: `127.0.0.1:${port(media)}`,
    apiAddress: `127.0.0.1:${port(api)}`,
    metricsAddress: `127.0.0.1:${port(metrics)}`,
  };
}

function isAllowed(body: unknown): boolean {
  const { action, user, password, path = '' } = body as Record<string, string>;
  if (action === 'api') return user === 'camplane' && password === logins.api;
  const isViewer = user === 'viewer' && password === logins.viewer;
  return action === 'read' && isViewer && /^front-door(\/sub)?$/.test(path);
}

/** In place of control-api's. */
async function startHook(): Promise<Server> {
  const server = createServer((request, response) => {
    const isMediaMtx = mayCallHook(request, { password: logins.hook });
    void json(request).then((body) => response.writeHead(isMediaMtx && isAllowed(body) ? 204 : 401).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Configuration of a MediaMTX that simulates a camera pod with both streams of one camera. */
const podConfiguration = (cameraUrl: string) => ({
  authMethod: 'internal',
  authInternalUsers: [{ user: 'edge', pass: logins.readPassword, permissions: [{ action: 'read' }] }],
  rtspAddress: `127.0.0.1:${port(podRtsp)}`,
  ...{ rtspTransports: ['tcp'], rtmp: false, hls: false, webrtc: false, srt: false, moq: false },
  paths: Object.fromEntries(
    ['front-door', 'front-door/sub', 'garage'].map((path) => [
      path,
      { source: cameraUrl, rtspTransport: 'tcp' },
    ]),
  ),
});

async function start(name: string, configuration: unknown, variables: string[] = []): Promise<ServerProcess> {
  const binary = await findMediaMtx({
    configured: process.env['MEDIAMTX_BIN'],
    searchPath: process.env['PATH'],
    startFolder: process.cwd(),
  });
  const file = join(folder.path, `${name}.yml`);
  await writeFile(file, JSON.stringify(configuration));
  return startServerProcess(name, 'env', [...variables, binary, file]);
}

beforeAll(async () => {
  folder = await createTemporaryFolder();
  ports = await freePorts(7);
  camera = await startSimulatedCamera({
    content: { kind: 'pattern' },
    codec: 'h264',
    width: 640,
    height: 360,
    fps: 25,
    keyFrameIntervalSeconds: 1,
    credentials: null,
    port: 0,
    cacheFolder: clipCacheFolder(),
  });
  pod = await start('pod', podConfiguration(camera.url));
  hook = await startHook();
  const variables = ['MTX_PATHDEFAULTS_SOURCE', 'MTX_AUTHHTTPADDRESS'].map(variable);
  edge = await start('edge', onLoopback(committed()), variables);
  await waitUntil(
    () => (edge.hasEnded() ? Promise.reject(new Error(edge.log())) : pathsOfEdge()),
    () => true,
    { what: 'the edge to respond', timeoutMs: 30_000 },
  );
}, 120_000);
afterAll(async () => {
  await edge?.kill();
  hook?.closeAllConnections();
  hook?.close();
  await pod?.kill();
  await camera?.stop();
  await folder?.remove();
});

/** MediaMTX metrics that alerts and dashboards use. */
function metricsInUse(): Set<string> {
  const folder = join(root, 'k8s/components/monitoring/objects');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /prometheusrule\.yaml$|\.json$/.test(name),
  );
  const text = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  const names = new Set(text.match(/\b(paths|hls|rtsp|webrtc)_[a-z_]+/g));
  expect(names.size).toBeGreaterThan(3);
  return names;
}

function loginOf(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

const addressOf = (path: string, login: string) => `rtsp://${login}127.0.0.1:${port(rtsp)}/${path}`;
const viewer = `viewer:${logins.viewer}@`;

async function pathsOfEdge(): Promise<{ name: string; available: boolean }[]> {
  const response = await fetch(`http://127.0.0.1:${port(api)}/v3/paths/list`, {
    headers: loginOf('camplane', logins.api),
  });
  return ((await response.json()) as { items: { name: string; available: boolean }[] }).items;
}

describe('the edge’s configuration', () => {
  it.each(['front-door', 'front-door/sub'])(
    'pulls %s from the camera pod, and disconnects without readers',
    async (path) => {
      const probed = await waitUntil(
        () => ffprobeStream(addressOf(path, viewer)),
        () => true,
        { what: `${path} to be readable`, timeoutMs: 60_000 },
      );
      expect(probed.streams).toMatchObject([{ codec_name: 'h264', width: 640, height: 360 }]);
      await waitUntil(pathsOfEdge, (paths) => paths.every(({ available }) => !available), {
        what: 'the edge to disconnect from the camera',
        timeoutMs: 30_000,
      });
    },
    120_000,
  );

  it('serves HLS and WebRTC to the dashboard, and counts readers', async () => {
    const page = { headers: { origin: 'http://127.0.0.1:8080', ...loginOf('viewer', logins.viewer) } };
    const playlist = await waitUntil(
      () => fetch(`http://127.0.0.1:${port(hls)}/front-door/index.m3u8`, page),
      ({ status }) => status === 200,
      { what: 'HLS to be served', timeoutMs: 60_000, intervalMs: 250 },
    );
    expect(playlist.headers.get('access-control-allow-origin')).toBe('http://127.0.0.1:8080');
    const offer = await fetch(`http://127.0.0.1:${port(webrtc)}/front-door/whep`, {
      method: 'OPTIONS',
      headers: { origin: 'http://elsewhere.example', 'access-control-request-method': 'POST' },
    });
    expect(offer.headers.get('access-control-allow-origin')).not.toBe('http://elsewhere.example');
    const counted = await (await fetch(`http://127.0.0.1:${port(metrics)}/metrics`)).text();
    expect(counted).toMatch(/paths_readers\{name="front-door",[^}]*\} 1/);
    // Including protocols without readers.
    for (const name of metricsInUse()) expect(counted).toMatch(new RegExp(`^${name}[ {]`, 'm'));
  }, 120_000);

  it('serves readers one after the other', async () => {
    for (let readers = 0; readers < 3; readers += 1) {
      const url = addressOf('front-door', viewer);
      const [frame] = await readFrames({ url, pixelFormat: 'gray', frames: 1, timeoutMs: 30_000 });
      expect(frame).toMatchObject({ width: 640, height: 360 });
    }
  }, 120_000);

  it('asks the hook who may read and who may use the control API', async () => {
    for (const [path, login] of [
      ['front-door', ''],
      ['garage', viewer],
      ['garage/sub', viewer],
    ] as const) {
      await expect(ffprobeStream(addressOf(path, login))).rejects.toThrow(/401 Unauthorized/);
      const playlist = `http://127.0.0.1:${port(hls)}/${path}/index.m3u8`;
      const headers = login === '' ? {} : loginOf('viewer', logins.viewer);
      expect((await fetch(playlist, { headers })).status).toBe(401);
    }
    for (const headers of [{}, loginOf('viewer', logins.viewer)]) {
      expect((await fetch(`http://127.0.0.1:${port(api)}/v3/paths/list`, { headers })).status).toBe(401);
    }
  }, 60_000);

  it('refuses publishers', async () => {
    const response = await fetch(`http://127.0.0.1:${port(webrtc)}/front-door/whip`, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', ...loginOf('viewer', logins.viewer) },
      body: 'v=0\r\n',
    });
    expect(response.status).toBe(401);
  }, 60_000);

  it('refuses readers while the hook is unreachable, and masks the password of the hook in the log', async () => {
    hook.closeAllConnections();
    hook.close();
    const headers = loginOf('viewer', logins.viewer);
    const playlist = `http://127.0.0.1:${port(hls)}/front-door/index.m3u8?cookieCheck=1`;
    expect((await fetch(playlist, { headers })).status).toBe(401);
    await waitUntil(
      () => edge.log(),
      (log) => log.includes('mediamtx:***@'),
      { what: 'the failure in the log', timeoutMs: 10_000 },
    );
    expect(edge.log()).not.toContain(logins.hook);
  }, 60_000);

  it('listens on every address of a pod', () => {
    expect(committed()).toMatchObject({
      rtspAddress: ':8554',
      hlsAddress: ':8888',
      webrtcAddress: ':8889',
      webrtcLocalUDPAddress: ':8189',
      webrtcLocalTCPAddress: ':8189',
      metricsAddress: ':9998',
      apiAddress: ':9997',
    });
  });
});
