import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defaultFfmpegLimits } from '@camplane/ffmpeg/process-limits';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import { descendantsOf } from '@camplane/testkit/processes';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { PixelFormat } from '../frame-layout.ts';
import { runOverlaySession } from '../overlay-session.ts';
import type { OverlaySessionOptions } from '../overlay-session.ts';

/** Overlay sessions for tests: a small camera clip, a session over it, and its decoded result. */
export const width = 640;
export const height = 360;
export const fps = 15;
/** Plain grey, with movement at the bottom centre: the rest belongs to the overlay. */
const graph = `color=gray:s=${width}x${height}:r=${fps}[g];testsrc2=s=160x90:r=${fps}[m];[g][m]overlay=240:260`;
const common = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'];
export const mask = {
  name: 'window',
  points: [
    { x: 0.7, y: 0.4 },
    { x: 0.95, y: 0.4 },
    { x: 0.95, y: 0.9 },
    { x: 0.7, y: 0.9 },
  ],
};

export let folder: TemporaryFolder;
export let clip: string;

/** Prepares the trials; call it before the first. */
export async function prepareTrials(): Promise<void> {
  folder = await createTemporaryFolder();
  clip = join(folder.path, 'camera.nut');
  const encoder = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-g',
    String(fps),
    '-bf',
    '0',
    '-pix_fmt',
    'yuv420p',
  ];
  await promisify(execFile)('ffmpeg', [...common, '-f', 'lavfi', '-i', graph, '-t', '10', ...encoder, clip]);
}

export const endTrials = () => folder.remove();

export type Session = {
  ended: Promise<void>;
  abort(): void;
  counts: { delivered: number; dropped: number };
  jpegs: JpegFrame[];
};

export function start(
  changes: Partial<OverlaySessionOptions> & { format?: PixelFormat; input?: string[]; output?: string[] },
): Session {
  const {
    format = 'bgr24',
    input = ['-re', '-stream_loop', '-1', '-i', clip],
    output = ['-f', 'null', '-'],
    ...rest
  } = changes;
  const stop = new AbortController();
  const counts = { delivered: 0, dropped: 0 };
  const jpegs: JpegFrame[] = [];
  const raw = (size: { width: number; height: number }) => [
    ...['-f', 'rawvideo', '-pix_fmt', format, '-s', `${size.width}x${size.height}`],
  ];
  const ended = runOverlaySession({
    decode: (file, size) => ({ args: [...common, '-flags', 'low_delay', ...input, ...raw(size), file] }),
    encode: (file, size) => ({ args: [...common, ...raw(size), '-i', file, ...output] }),
    pixelFormat: format,
    sound: false,
    width,
    height,
    cameraName: 'Front door',
    overlay: { timestamp: true, boxes: true, privacyMasks: [mask] },
    frames: () => null,
    onJpeg: (frame) => jpegs.push(frame),
    onFrames: (count) => (counts.delivered += count),
    onDropped: (count) => (counts.dropped += count),
    signal: stop.signal,
    log: { debug: () => undefined },
    folder: folder.path,
    ffmpegPath: 'ffmpeg',
    ffmpegLimits: defaultFfmpegLimits,
    ...rest,
  });
  // Each test checks failures; without this an early one would count as unhandled.
  ended.catch(() => undefined);
  return { ended, abort: () => stop.abort(), counts, jpegs };
}

/** An H.264 file in FFmpeg's NUT format, which stays readable however its writer exits. */
export const h264File = (file: string) => [
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  '-tune',
  'zerolatency',
  '-crf',
  '18',
  '-pix_fmt',
  'yuv420p',
  '-f',
  'nut',
  file,
];

export async function grayFrames(file: string): Promise<Buffer[]> {
  const args = [
    ...common,
    '-i',
    file,
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    'pipe:1',
  ];
  const { stdout } = await promisify(execFile)('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1 << 28 });
  const bytes = width * height;
  return Array.from({ length: Math.floor(stdout.length / bytes) }, (_, n) =>
    stdout.subarray(n * bytes, (n + 1) * bytes),
  );
}

export type Region = { left: number; top: number; right: number; bottom: number };
export const titleRegion = { left: 4, top: 4, right: 400, bottom: 30 };
export const maskRegion = {
  left: 0.71 * width,
  top: 0.42 * height,
  right: 0.94 * width,
  bottom: 0.88 * height,
};
export const movingRegion = { left: 240, top: 260, right: 400, bottom: 350 };

export function samples(picture: Uint8Array, region: Region, channels = 1): number[] {
  const values: number[] = [];
  for (let y = Math.ceil(region.top); y < region.bottom; y += 1) {
    for (let x = Math.ceil(region.left); x < region.right; x += 1) {
      for (let c = 0; c < channels; c += 1) values.push(picture[(y * width + x) * channels + c] ?? -1);
    }
  }
  return values;
}

export function difference(a: Uint8Array | undefined, b: Uint8Array | undefined, region: Region): number {
  if (a === undefined || b === undefined) throw new Error('expected two frames');
  const other = samples(b, region);
  return samples(a, region).filter((value, n) => Math.abs(value - (other[n] ?? 0)) > 60).length;
}

export async function pidOf(part: 'decoded' | 'drawn'): Promise<number> {
  const find = async () =>
    (await descendantsOf(process.pid)).find((p) => p.command.includes(`/${part}`))?.pid;
  const pid = await waitUntil(find, (found) => found !== undefined, { what: `the FFmpeg of ${part}` });
  if (pid === undefined) throw new Error('unreachable');
  return pid;
}

/** Everything that a session could leave behind. */
export async function traces() {
  const children = (await descendantsOf(process.pid)).filter((p) => /ffmpeg|mkfifo/.test(p.command));
  const files = readdirSync(folder.path).filter((name) => name.startsWith('overlay-'));
  // By name: the thread pools of Node and sharp vary.
  const threads = readdirSync('/proc/self/task').filter((task) => {
    return readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim() === 'overlay';
  });
  return {
    children: children.map((p) => p.command),
    files,
    descriptors: readdirSync('/proc/self/fd').length,
    threads,
  };
}

/** Runs one session first, so that the permanent thread pools of Node and sharp exist already. */
export async function tracesBefore() {
  const session = start({ frames: () => ({ fps: 10, width: 320, quality: 80 }) });
  await waitUntil(
    () => session.jpegs.length,
    (n) => n > 1,
    { what: 'pictures' },
  );
  session.abort();
  await session.ended;
  return traces();
}
