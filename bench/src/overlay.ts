import { access, rename } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultFfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { runOverlay } from '@camplane/camera-service/overlay/run-overlay';
import { encodedClip } from '@camplane/camera-simulator/clip';
import type { ClipContent } from '@camplane/camera-simulator/clip';
import { findFootage } from '@camplane/camera-simulator/footage';
import { parseSourceUrl } from '@camplane/contracts/source-url';
import { h264Arguments, publishArguments } from '@camplane/ffmpeg/arguments/publish';
import { cameraPath } from '@camplane/mediamtx/camera-path';
import { startChild } from '@camplane/supervisor/child-process';
import { startTestMediaServer } from '@camplane/testkit/media-server';
import type { TestMediaServer } from '@camplane/testkit/media-server';
import { descendantsOf } from '@camplane/testkit/processes';
import { clipCacheFolder, createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { BenchResult, BenchRow } from './bench-result.ts';
import { measureOverlayLag } from './overlay-latency.ts';
import { percentile } from './percentile.ts';
import { threadsCpuSeconds } from './process-cpu.ts';

const width = 1280;
const height = 720;
const fps = 15;
const runs = 3;
/** V8 keeps compiling OpenCV's hot functions for some seconds. */
const settleMs = 10_000;
const measureMs = 8000;
const latencySeconds = 7;
const formats = [
  { format: 'bgr24', targetRatio: 1.7 },
  { format: 'yuv420p', targetRatio: 1.3 },
] as const;
type Format = (typeof formats)[number]['format'];

/**
 * P10: cost and latency of overlay mode. The control is one plain FFmpeg that decodes, draws two boxes and encodes the
 * same way, from the same live source at the same time.
 */
export async function measureOverlay(): Promise<BenchResult> {
  const clips = clipCacheFolder();
  const footage = await findFootage();
  const content: ClipContent = footage === null ? { kind: 'pattern' } : { kind: 'footage', file: footage };
  const costClip = await encodedClip(clipOf(content), clips);
  const latencyClip = await flipped(await encodedClip(clipOf({ kind: 'pattern' }), clips));
  const rows: BenchRow[] = [];
  for (const { format, targetRatio } of formats) {
    const costs: Cost[] = [];
    for (let run = 0; run < runs; run += 1) costs.push(await withPipelines(costClip, format, measureCost));
    rows.push(...costRows(format, targetRatio, costs));
    const lags: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      lags.push(...(await measureOverlayLag({ clip: latencyClip, format, fps, seconds: latencySeconds })));
    }
    rows.push(...lagRows(format, lags));
  }
  return {
    id: 'P10',
    title: `Overlay mode, ${width}×${height} at ${fps} fps`,
    rows,
    notes: [
      `Cost: percent of a core, medians of ${runs} runs of ${measureMs / 1000} s; control: plain FFmpeg in the same run.`,
      'Node is the whole process, which runs only the overlay during the measurement.',
      `Drawn: camera name, clock, one mask, two boxes with captions; no previews. Source: ${footage === null ? 'pattern' : 'footage'}.`,
      `Latency: delay of the same frame after the control with the same input bytes; ${runs} runs.`,
    ],
  };
}

function clipOf(content: ClipContent) {
  return {
    content,
    codec: 'h264',
    width,
    height,
    fps,
    keyFrameIntervalSeconds: 1,
    bitrateKbps: 2500,
  } as const;
}

/** Upside down, so that the overlay's title does not cover the time mark. */
async function flipped(clip: string): Promise<string> {
  const file = clip.replace(/\.nut$/, '-flipped.nut');
  if (
    await access(file).then(
      () => true,
      () => false,
    )
  )
    return file;
  const encoder = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-bf',
    '0',
    '-g',
    String(fps),
    '-b:v',
    '2500k',
    '-pix_fmt',
    'yuv420p',
  ];
  await finished(['-y', '-i', clip, '-vf', 'vflip', ...encoder, '-f', 'nut', `${file}.partial`]);
  await rename(`${file}.partial`, file);
  return file;
}

type Pipelines = { controlPid: number; delivered: () => number };

/** Source, control and overlay, running; all stopped afterwards. */
async function withPipelines<T>(
  clip: string,
  format: Format,
  measure: (pipelines: Pipelines) => Promise<T>,
): Promise<T> {
  const folder = await createTemporaryFolder();
  const server = await startTestMediaServer({ auth: 'none' });
  const stop = new AbortController();
  const ended: Promise<unknown>[] = [];
  const failures: unknown[] = [];
  try {
    for (const path of ['source', 'control', 'overlay'])
      await server.api.addPath(path, cameraPath({ kind: 'none' }));
    const source = startFfmpeg(
      ['-re', '-stream_loop', '-1', '-i', clip, '-c', 'copy', ...publishArguments(server.rtspUrl('source'))],
      stop.signal,
    );
    ended.push(source.ended);
    await online(server, 'source');
    const control = startFfmpeg(controlArguments(server), stop.signal);
    ended.push(control.ended);
    let delivered = 0;
    const overlay = runOverlay({
      sound: false,
      ...sourceOf(server),
      target: server.rtspUrl('overlay'),
      ...{ width, height, fps, pixelFormat: format, cameraName: 'Front door' },
      overlay: {
        timestamp: true,
        boxes: true,
        privacyMasks: [{ name: '', points: corners(0.8, 0.1, 0.15, 0.3) }],
      },
      boxes: () => boxes.map((box) => ({ ...box })),
      frames: () => null,
      onJpeg: () => undefined,
      onFrames: (count) => (delivered += count),
      onDropped: () => undefined,
      signal: stop.signal,
      log: { debug: () => undefined },
      folder: folder.path,
      ffmpegPath: 'ffmpeg',
      ffmpegLimits: defaultFfmpegLimits,
    });
    ended.push(overlay.catch((error: unknown) => failures.push(error)));
    await Promise.all([online(server, 'control'), online(server, 'overlay')]);
    await delay(settleMs);
    const result = await measure({ controlPid: control.pid, delivered: () => delivered });
    if (failures.length > 0) throw failures[0];
    return result;
  } finally {
    stop.abort();
    await Promise.all(ended);
    await server.stop();
    await folder.remove();
  }
}

const boxes = [
  { x: 0.1, y: 0.2, width: 0.25, height: 0.3, label: 'person', confidence: 0.9 },
  { x: 0.5, y: 0.4, width: 0.15, height: 0.4, label: 'motion', confidence: 0.6 },
];

function corners(x: number, y: number, w: number, h: number) {
  return [
    { x, y },
    { x: x + w, y },
    { x: x + w, y: y + h },
    { x, y: y + h },
  ];
}

function sourceOf(server: TestMediaServer) {
  const parsed = parseSourceUrl(server.rtspUrl('source'));
  if (!parsed.ok) throw new Error(parsed.reason);
  return { source: parsed.source, transport: 'tcp', credentials: null, mediaFolder: '/nonexistent' } as const;
}

/** The input and encoder options of overlay mode, in one process. */
function controlArguments(server: TestMediaServer): string[] {
  const drawn = boxes.map(
    (box) =>
      `drawbox=x=${box.x * width}:y=${box.y * height}:w=${box.width * width}:h=${box.height * height}:color=lime:t=4`,
  );
  return [
    ...['-fflags', 'nobuffer', '-flags', 'low_delay', '-analyzeduration', '1500000', '-probesize', '5000000'],
    ...['-rtsp_transport', 'tcp', '-i', server.rtspUrl('source')],
    ...[
      '-vf',
      drawn.join(','),
      '-vsync',
      'passthrough',
      ...h264Arguments(1),
      ...publishArguments(server.rtspUrl('control')),
    ],
  ];
}

type Cost = { decoder: number; node: number; encoder: number; control: number };

/** Percent of a core, per process. */
async function measureCost({ controlPid, delivered }: Pipelines): Promise<Cost> {
  const children = await descendantsOf(process.pid);
  const pidOf = (part: string) => children.find((child) => child.command.includes(`/${part}`))?.pid ?? 0;
  const pids = { decoder: pidOf('decoded'), encoder: pidOf('drawn'), control: controlPid };
  const take = async () => ({
    decoder: await threadsCpuSeconds(pids.decoder),
    encoder: await threadsCpuSeconds(pids.encoder),
    control: await threadsCpuSeconds(pids.control),
    node: nodeCpuSeconds(),
    frames: delivered(),
    atMs: performance.now(),
  });
  const from = await take();
  await delay(measureMs);
  const to = await take();
  const seconds = (to.atMs - from.atMs) / 1000;
  const rate = (to.frames - from.frames) / seconds;
  if (rate < fps * 0.9) throw new Error(`overlay delivered ${rate.toFixed(1)} fps instead of ${fps}`);
  const percent = (part: keyof Cost) => (100 * (to[part] - from[part])) / seconds;
  return {
    decoder: percent('decoder'),
    node: percent('node'),
    encoder: percent('encoder'),
    control: percent('control'),
  };
}

function nodeCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function costRows(format: Format, targetRatio: number, costs: Cost[]): BenchRow[] {
  const median = (of: (cost: Cost) => number) => percentile(costs.map(of), 0.5);
  const total = (cost: Cost) => cost.decoder + cost.node + cost.encoder;
  const ratio = median((cost) => total(cost) / cost.control);
  const row = { unit: '% of a core', target: `≤ ${targetRatio} × control`, met: ratio <= targetRatio };
  return [
    {
      name: `${format}: decoder + Node + encoder`,
      value: median(total),
      control: median((cost) => cost.control),
      ratio,
      ...row,
    },
    { name: `${format}: decoder`, value: median((cost) => cost.decoder), unit: '% of a core' },
    { name: `${format}: Node`, value: median((cost) => cost.node), unit: '% of a core' },
    { name: `${format}: encoder`, value: median((cost) => cost.encoder), unit: '% of a core' },
  ];
}

function lagRows(format: Format, lags: number[]): BenchRow[] {
  if (lags.length < fps) throw new Error(`only ${lags.length} frames were recognised in both streams`);
  const p95 = percentile(lags, 0.95);
  return [
    { name: `${format}: added latency, p50`, value: percentile(lags, 0.5), unit: 'frames' },
    {
      name: `${format}: added latency, p95`,
      value: p95,
      unit: 'frames',
      target: '≤ 2 frames',
      met: p95 <= 2,
    },
  ];
}

async function online(server: TestMediaServer, path: string): Promise<void> {
  await waitUntil(
    async () => (await server.api.getPath(path))?.online,
    (seen) => seen === true,
    { what: `the path ${path} with video` },
  );
}

function startFfmpeg(args: string[], signal: AbortSignal) {
  const command = ['-hide_banner', '-nostdin', '-loglevel', 'error', ...args];
  const child = startChild({ name: 'bench', command: 'ffmpeg', args: command, signal });
  if (child.pid === undefined) throw new Error('FFmpeg could not be started');
  return { pid: child.pid, ended: child.ended };
}

async function finished(args: string[]): Promise<void> {
  const ending = await startFfmpeg(args, new AbortController().signal).ended;
  if (ending.kind !== 'exited' || ending.code !== 0)
    throw new Error(`FFmpeg failed: ${ending.stderrTail.join(' ')}`);
}
