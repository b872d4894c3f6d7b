import { createApiClient } from '@camplane/api-client/api-client';
import { readTimeMark } from '@camplane/camera-simulator/time-mark';
import { pulledPath } from '@camplane/mediamtx/camera-path';
import { startTestMediaServer } from '@camplane/testkit/media-server';
import { followFrames } from '@camplane/testkit/read-stream';
import { waitUntil } from '@camplane/testkit/wait-until';
import { credentials, startBenchCamera } from './bench-camera.ts';
import type { BenchResult } from './bench-result.ts';
import { percentile } from './percentile.ts';
import { startCamplane } from './run-camplane.ts';

const runs = 3;
const framesPerRun = 300;
const fps = 30;
const frameMs = 1000 / fps;
const clipFrames = 300;
const readers = ['camera', 'plain', 'ours'] as const;
type Reader = (typeof readers)[number];

/**
 * P1: how much later a frame can be read from our RTSP path than from the camera. The control is plain MediaMTX that
 * pulls the camera (`source: rtsp://…`). The same kind of reader (FFmpeg, decoding at once) reads all three at the
 * same time and identifies frames by their time mark. The reader's own delay cancels out in the difference.
 */
export async function measureLatency(): Promise<BenchResult> {
  const camera = await startBenchCamera();
  const ending: (() => Promise<unknown>)[] = [() => camera.stop()];
  try {
    const source = camera.url.replace('rtsp://', `rtsp://${credentials.username}:${credentials.password}@`);
    const server = await startTestMediaServer({ auth: 'none' });
    ending.push(() => server.stop());
    await server.api.addPath('plain', pulledPath(source, { onDemand: false }));
    const camplane = await startCamplane();
    ending.push(() => camplane.dispose());
    await createCamera(camplane.url, camera.url);
    await waitUntil(
      () => server.api.getPath('plain'),
      (path) => path?.online === true,
      { what: 'plain MediaMTX has the camera' },
    );

    const urls = { camera: source, plain: server.rtspUrl('plain'), ours: `${camplane.rtspUrl}/latency` };
    const added: Record<'plain' | 'ours', number[]> = { plain: [], ours: [] };
    for (let run = 0; run < runs; run += 1) {
      const arrivals = await readAll(urls);
      for (const [mark, atCameraMs] of arrivals.camera) {
        for (const path of ['plain', 'ours'] as const) {
          const arrivedMs = arrivals[path].get(mark);
          if (arrivedMs !== undefined) added[path].push(arrivedMs - atCameraMs);
        }
      }
    }
    return resultOf(added);
  } finally {
    for (const end of ending.reverse()) await end();
  }
}

async function createCamera(url: string, source: string): Promise<void> {
  const api = createApiClient({ baseUrl: url });
  await api.createCamera({
    body: { id: 'latency', source: { url: source, credentials }, detection: { enabled: false } },
  });
  await waitUntil(
    () => api.readStatus({ id: 'latency' }),
    (status) => status.phase === 'RUNNING',
    { what: 'RUNNING', timeoutMs: 15_000 },
  );
}

/** Arrival time of each frame at each reader, by frame number; only frames that all readers have passed. */
async function readAll(urls: Record<Reader, string>): Promise<Record<Reader, Map<number, number>>> {
  const arrivals: Record<Reader, Map<number, number>> = {
    camera: new Map(),
    plain: new Map(),
    ours: new Map(),
  };
  const started: Record<Reader, number> = { camera: Infinity, plain: Infinity, ours: Infinity };
  const end = new AbortController();
  const reading = readers.map((reader) =>
    followFrames(
      { url: urls[reader], pixelFormat: 'gray', width: 320, height: 180 },
      ({ pixels, width, height, arrivedMs }) => {
        const mark = readTimeMark(pixels, width, height);
        if (mark === null) return;
        started[reader] = Math.min(started[reader], arrivedMs);
        // In its first second a reader catches up with the analysis.
        if (arrivedMs - started[reader] < 1000) return;
        // The clip's index wraps every ten seconds; the clock identifies the round.
        const round = Math.round((arrivedMs / frameMs - mark) / clipFrames);
        arrivals[reader].set(round * clipFrames + mark, arrivedMs);
      },
      end.signal,
    ),
  );
  const enough = waitUntil(
    () => Math.min(...readers.map((reader) => arrivals[reader].size)),
    (frames) => frames >= framesPerRun,
    { what: `${framesPerRun} frames read by all`, timeoutMs: 60_000 },
  );
  try {
    await Promise.race([enough, Promise.all(reading)]);
  } finally {
    end.abort();
    await Promise.allSettled(reading);
  }
  return arrivals;
}

function resultOf(added: Record<'plain' | 'ours', number[]>): BenchResult {
  const rows = ([50, 95, 99] as const).map((share) => {
    const value = percentile(added.ours, share / 100);
    const control = percentile(added.plain, share / 100);
    const row = { name: `later than the camera itself, p${share}`, value, unit: 'ms', control };
    if (share !== 95) return row;
    return {
      ...row,
      target: `≤ control + one frame (${frameMs.toFixed(0)} ms)`,
      met: value <= control + frameMs,
    };
  });
  return {
    id: 'P1',
    title: 'latency added between the camera’s RTSP and our RTSP, copy, 720p30',
    rows,
    notes: [
      `${runs} runs, ${added.ours.length} frames; control: plain MediaMTX with the camera as its source, in the same run`,
      'no ratio: both can be near zero or negative if a reader’s jitter exceeds the added latency',
    ],
  };
}
