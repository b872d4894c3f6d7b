import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { startSimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { findMediaMtx } from '@camplane/mediamtx/find-mediamtx';
import { freePorts } from '@camplane/testkit/free-port';
import { ffprobeStream } from '@camplane/testkit/read-stream';
import type { ServerProcess } from '@camplane/testkit/server-process';
import { startServerProcess } from '@camplane/testkit/server-process';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { clipCacheFolder, createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { root } from './testing/render.ts';

type Configuration = Record<string, unknown> & { paths: Record<string, { source: string }> };

const pathPattern = '~^([a-z0-9-]+)(/sub)?$';
let folder: TemporaryFolder;
let camera: SimulatedCamera;
let pod: ServerProcess;
let edge: ServerProcess;
let ports: number[] = [];
const [rtsp, hls, webrtc, media, api, metrics, podRtsp] = [0, 1, 2, 3, 4, 5, 6];
const port = (index: number) => ports[index] ?? 0;

/** The committed ConfigMap as a pod reads it. */
function committed(): Configuration {
  const file = join(root, 'k8s/apps/mediamtx/base/configmap.yaml');
  const { data } = parse(readFileSync(file, 'utf8')) as { data: { 'mediamtx.yml': string } };
  return parse(data['mediamtx.yml'], { version: '1.1' }) as Configuration;
}

/** The configuration on free loopback ports, with a camera's host name replaced. */
function onLoopback(configuration: Configuration): Configuration {
  const path = configuration.paths[pathPattern];
  if (!path) throw new Error('the path pattern has changed');
  return {
    ...configuration,
    rtspAddress: `127.0.0.1:${port(rtsp)}`,
    hlsAddress: `127.0.0.1:${port(hls)}`,
    webrtcAddress: `127.0.0.1:${port(webrtc)}`,
    webrtcLocalUDPAddress: `127.0.0.1:${port(media)}`,
    webrtcLocalTCPAddress: `127.0.0.1:${port(media)}`,
    apiAddress: `127.0.0.1:${port(api)}`,
    metricsAddress: `127.0.0.1:${port(metrics)}`,
    paths: {
      [pathPattern]: {
        ...path,
        source: path.source.replace('camera-$G1:8554', `127.0.0.1:${port(podRtsp)}`),
      },
    },
  };
}

/** Configuration of a MediaMTX that simulates a camera pod with both streams of one camera. */
const podConfiguration = (cameraUrl: string) => ({
  authMethod: 'internal',
  authInternalUsers: [{ user: 'any', permissions: [{ action: 'read' }] }],
  rtspAddress: `127.0.0.1:${port(podRtsp)}`,
  ...{ rtspTransports: ['tcp'], rtmp: false, hls: false, webrtc: false, srt: false, moq: false },
  paths: Object.fromEntries(
    ['front-door', 'front-door/sub'].map((path) => [path, { source: cameraUrl, rtspTransport: 'tcp' }]),
  ),
});

async function start(name: string, configuration: unknown): Promise<ServerProcess> {
  const binary = await findMediaMtx({
    configured: process.env['MEDIAMTX_BIN'],
    searchPath: process.env['PATH'],
    startFolder: process.cwd(),
  });
  const file = join(folder.path, `${name}.yml`);
  await writeFile(file, JSON.stringify(configuration));
  return startServerProcess(name, binary, [file]);
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
  edge = await start('edge', onLoopback(committed()));
  await waitUntil(
    () => (edge.hasEnded() ? Promise.reject(new Error(edge.log())) : pathsOfEdge()),
    () => true,
    { what: 'the edge to respond', timeoutMs: 30_000 },
  );
}, 120_000);
afterAll(async () => {
  await edge?.kill();
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

async function pathsOfEdge(): Promise<{ name: string; available: boolean }[]> {
  const response = await fetch(`http://127.0.0.1:${port(api)}/v3/paths/list`);
  return ((await response.json()) as { items: { name: string; available: boolean }[] }).items;
}

describe('the edge’s configuration', () => {
  it.each(['front-door', 'front-door/sub'])(
    'pulls %s from the camera pod, and disconnects without readers',
    async (path) => {
      const probed = await waitUntil(
        () => ffprobeStream(`rtsp://127.0.0.1:${port(rtsp)}/${path}`),
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
    const page = { headers: { origin: 'http://127.0.0.1:8080' } };
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

  it('refuses publishers', async () => {
    const response = await fetch(`http://127.0.0.1:${port(webrtc)}/front-door/whip`, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: 'v=0\r\n',
    });
    expect([400, 401, 403]).toContain(response.status);
  }, 60_000);

  it('listens on every address of a pod, except for the control API', () => {
    expect(committed()).toMatchObject({
      rtspAddress: ':8554',
      hlsAddress: ':8888',
      webrtcAddress: ':8889',
      webrtcLocalUDPAddress: ':8189',
      webrtcLocalTCPAddress: ':8189',
      metricsAddress: ':9998',
      apiAddress: '127.0.0.1:9997',
    });
  });
});
