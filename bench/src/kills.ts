import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { MediaMtxApi } from '@camplane/mediamtx/api-client';
import { onAbort } from '@camplane/runtime/abort';
import { startTestMediaServer } from '@camplane/testkit/media-server';
import type { TestMediaServer } from '@camplane/testkit/media-server';
import { processesWith } from '@camplane/testkit/processes';
import { waitUntil } from '@camplane/testkit/wait-until';
import { credentials, startBenchCamera } from './bench-camera.ts';
import type { BenchResult } from './bench-result.ts';
import { percentile } from './percentile.ts';
import { startCamplane } from './run-camplane.ts';

const kills = 100;
/** The control is killed once per this many of ours. */
const killsPerControl = 4;
const cameraId = 'killed';
/** Spreads the kills between two key frames, because both must wait for the next one. */
const pauseMs = (kill: number) => 300 + ((kill * 370) % 1000);

/**
 * F1: FFmpeg killed (−9) 100 times, from the kill to new frames at MediaMTX. The control is a bare FFmpeg copy that a
 * loop restarts at once. After each kill the camera's processes are counted: more than one means an orphan.
 */
export async function measureKills(): Promise<BenchResult> {
  const camera = await startBenchCamera();
  const server = await startTestMediaServer({ auth: 'none' });
  const camplane = await startCamplane();
  const target = `${camplane.rtspUrl}/${cameraId}`;
  const bare = startBareLoop(server, camera.url);
  const oursMs: number[] = [];
  const bareMs: number[] = [];
  let orphans = 0;
  try {
    await camplane.createCamera({
      id: cameraId,
      source: { url: camera.url, credentials },
      detection: { enabled: false },
    });
    await Promise.all([framesOf(camplane.api, cameraId), framesOf(server.api, 'bare')]);
    for (let kill = 0; kill < kills; kill++) {
      oursMs.push(await killAndWait(camplane.api, cameraId, target, pauseMs(kill)));
      orphans += Math.max(0, (await processesWith(target)).length - 1);
      if (kill % killsPerControl > 0) continue;
      bareMs.push(await killAndWait(server.api, 'bare', server.rtspUrl('bare'), pauseMs(kill)));
    }
  } finally {
    await camplane.dispose();
    orphans += (await processesWith(target)).length;
    await bare.stop();
    await server.stop();
    await camera.stop();
  }
  const row = (share: number, limitMs?: number) => {
    const [value, control] = [percentile(oursMs, share), percentile(bareMs, share)];
    return {
      name: `killed → new frames, p${share * 100}`,
      value,
      unit: 'ms',
      control,
      ratio: value / control,
      ...(limitMs === undefined ? {} : { target: `≤ ${limitMs} ms`, met: value <= limitMs }),
    };
  };
  return {
    id: 'F1',
    title: `FFmpeg killed (−9), ${kills} times, copy`,
    rows: [
      row(0.5),
      row(0.95, 2000),
      row(0.99),
      { name: 'orphans', value: orphans, unit: '', target: '= 0', met: orphans === 0 },
    ],
    notes: [
      `control: FFmpeg -c:v copy into bare MediaMTX, restarted at once by a loop, killed ${bareMs.length} times`,
      'both wait for the next key frame of the camera, one per second',
    ],
  };
}

/** Resolves when the path has received bytes from a publisher other than `before`. */
async function framesOf(api: MediaMtxApi, path: string, before?: string): Promise<void> {
  const look = async () => {
    const found = await api.getPath(path);
    const isNew = found?.online === true && found.source !== null && found.source.id !== before;
    return isNew ? found.inboundBytes : undefined;
  };
  const options = { timeoutMs: 30_000, intervalMs: 10 };
  const atFirst = await waitUntil(look, (bytes) => bytes !== undefined, { what: 'a publisher', ...options });
  const more = (bytes: number | undefined) => bytes !== undefined && bytes > (atFirst ?? 0);
  await waitUntil(look, more, { what: 'its frames', ...options });
}

async function killAndWait(api: MediaMtxApi, path: string, target: string, afterMs: number): Promise<number> {
  await delay(afterMs);
  const publisher = (await api.getPath(path))?.source?.id;
  const [ffmpeg] = await processesWith(target);
  if (!ffmpeg) throw new Error(`no FFmpeg of ${path} is running`);
  process.kill(ffmpeg.pid, 'SIGKILL');
  const killedMs = performance.now();
  await framesOf(api, path, publisher);
  return performance.now() - killedMs;
}

function startBareLoop(server: TestMediaServer, source: string): { stop(): Promise<void> } {
  const withLogin = source.replace('rtsp://', `rtsp://${credentials.username}:${credentials.password}@`);
  const args = [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-fflags', 'nobuffer', '-flags', 'low_delay'],
    ...['-analyzeduration', '100000', '-probesize', '100000', '-rtsp_transport', 'tcp', '-i', withLogin],
    ...['-an', '-c:v', 'copy', '-f', 'rtsp', '-rtsp_transport', 'tcp', server.rtspUrl('bare')],
  ];
  const stopping = new AbortController();
  const run = async () => {
    await server.api.addPath('bare', {
      source: 'publisher',
      overridePublisher: true,
      alwaysAvailable: false,
    });
    while (!stopping.signal.aborted) {
      const ffmpeg = spawn('ffmpeg', args, { stdio: 'ignore' });
      const removeListener = onAbort(stopping.signal, () => ffmpeg.kill('SIGKILL'));
      await new Promise((resolve) => ffmpeg.once('close', resolve));
      removeListener();
    }
  };
  const ended = run();
  return {
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}
