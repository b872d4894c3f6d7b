import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { createApiClient } from '@camplane/api-client/api-client';
import type { MediaMtxApi } from '@camplane/mediamtx/api-client';
import { startTestMediaServer } from '@camplane/testkit/media-server';
import { waitUntil } from '@camplane/testkit/wait-until';
import { credentials, startBenchCamera } from './bench-camera.ts';
import type { BenchResult } from './bench-result.ts';
import { percentile } from './percentile.ts';
import { startCamplane } from './run-camplane.ts';

const starts = 20;

type Start = { publishedMs: number; firstFrameMs: number };

/**
 * P4: from the creation of a camera until it is readable. The control is a bare FFmpeg copy into a bare MediaMTX,
 * alternating, on the same simulated camera (720p30, one key frame per second). Both are polled the same way, every
 * 10 ms: MediaMTX's API shows when the publisher is online, and when its first bytes arrive, which is at the
 * camera's next key frame.
 */
export async function measureStart(): Promise<BenchResult> {
  const camera = await startBenchCamera();
  const server = await startTestMediaServer({ auth: 'none' });
  const camplane = await startCamplane();
  const ours: Start[] = [];
  const bare: Start[] = [];
  try {
    for (let attempt = 0; attempt < starts; attempt++) {
      ours.push(await startOurs(camplane, camera.url, `start-${attempt}`));
      bare.push(await startBare(server, camera.url));
    }
  } finally {
    await camplane.dispose();
    await server.stop();
    await camera.stop();
  }
  const row = (name: string, share: number, of: (start: Start) => number) => {
    const value = percentile(ours.map(of), share);
    const control = percentile(bare.map(of), share);
    return { name, value, unit: 'ms', control, ratio: value / control };
  };
  const published = (start: Start) => start.publishedMs;
  const firstFrame = (start: Start) => start.firstFrameMs;
  const p95 = row('created → readable, p95', 0.95, published);
  return {
    id: 'P4',
    title: 'camera created → readable, copy, one machine',
    rows: [
      row('created → readable, p50', 0.5, published),
      { ...p95, target: '≤ 800 ms', met: p95.value <= 800 },
      row('created → first key frame received, p50', 0.5, firstFrame),
      row('created → first key frame received, p95', 0.95, firstFrame),
    ],
    notes: [
      `${starts} starts each, alternating; control: FFmpeg -c:v copy with the password in its argument list, into bare MediaMTX`,
      'ours starts with the HTTP request and includes the database, the probe and the path',
    ],
  };
}

async function watchStart(api: MediaMtxApi, path: string, startedMs: number): Promise<Start> {
  const bytesOf = async () => {
    const found = await api.getPath(path);
    return found?.online === true ? found.inboundBytes : undefined;
  };
  const options = { timeoutMs: 15_000, intervalMs: 10 };
  const before =
    (await waitUntil(bytesOf, (bytes) => bytes !== undefined, { what: 'online', ...options })) ?? 0;
  const publishedMs = performance.now() - startedMs;
  await waitUntil(bytesOf, (bytes) => bytes !== undefined && bytes > before, { what: 'bytes', ...options });
  return { publishedMs, firstFrameMs: performance.now() - startedMs };
}

async function startOurs(
  camplane: { url: string; api: MediaMtxApi },
  source: string,
  id: string,
): Promise<Start> {
  const startedMs = performance.now();
  const controlApi = createApiClient({ baseUrl: camplane.url });
  await controlApi.createCamera({
    body: { id, source: { url: source, credentials }, detection: { enabled: false } },
  });
  const start = await watchStart(camplane.api, id, startedMs);
  await controlApi.deleteCamera({ id });
  return start;
}

async function startBare(
  server: Awaited<ReturnType<typeof startTestMediaServer>>,
  source: string,
): Promise<Start> {
  const withLogin = source.replace('rtsp://', `rtsp://${credentials.username}:${credentials.password}@`);
  await server.api.addPath('bare', { source: 'publisher', overridePublisher: true, alwaysAvailable: false });
  const startedMs = performance.now();
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-fflags', 'nobuffer', '-flags', 'low_delay'],
      ...['-analyzeduration', '100000', '-probesize', '100000', '-rtsp_transport', 'tcp', '-i', withLogin],
      ...['-an', '-c:v', 'copy', '-f', 'rtsp', '-rtsp_transport', 'tcp', server.rtspUrl('bare')],
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => ffmpeg.once('close', resolve));
  try {
    return await watchStart(server.api, 'bare', startedMs);
  } finally {
    ffmpeg.kill('SIGTERM');
    await ended;
    await server.api.deletePath('bare');
    await delay(50);
  }
}
