import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onAbort } from '@camplane/runtime/abort';
import { z } from 'zod';

export type DecodedFrame = {
  /** One byte per pixel for `gray`, three for `bgr24`. */
  pixels: Uint8Array;
  width: number;
  height: number;
  /** When the decoder had written the whole frame, by `performance.now()`. */
  arrivedMs: number;
};

export type ReadFramesOptions = {
  url: string;
  pixelFormat: 'gray' | 'bgr24';
  /** Stops after this many frames. */
  frames?: number;
  /** Stops this long after the first frame. Requires `frames`, `seconds` or a signal. */
  seconds?: number;
  /** Scales every frame; the initial size of the stream by default. */
  width?: number;
  height?: number;
  /** Maximum time until the first frame and between two frames. */
  timeoutMs?: number;
  transport?: 'tcp' | 'udp';
};

/** Decodes frames with FFmpeg. Throws with FFmpeg's error output if the stream ends early. */
export async function readFrames(options: ReadFramesOptions): Promise<DecodedFrame[]> {
  const frames: DecodedFrame[] = [];
  await followFrames(options, (frame) => frames.push(frame));
  return frames;
}

/** As {@link readFrames}, but passes each frame to `onFrame` instead of collecting them. */
export async function followFrames(
  options: ReadFramesOptions,
  onFrame: (frame: DecodedFrame) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { url, pixelFormat, timeoutMs = 15_000 } = options;
  if (options.frames === undefined && options.seconds === undefined && signal === undefined) {
    throw new TypeError('set frames, seconds or a signal');
  }
  const { width, height } =
    options.width === undefined || options.height === undefined
      ? await sizeOf(url, options)
      : { width: options.width, height: options.height };
  const frameBytes = width * height * (pixelFormat === 'gray' ? 1 : 3);
  const child = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'error', '-nostdin', ...inputArguments(url, options)],
      ...['-map', '0:v:0', '-fps_mode', 'passthrough', '-vf', `scale=${width}:${height}`],
      ...['-f', 'rawvideo', '-pix_fmt', pixelFormat, 'pipe:1'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let errorOutput = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorOutput = (errorOutput + text).slice(-4000);
  });

  let count = 0;
  let firstMs: number | undefined;
  let outcome: 'enough' | 'silent' | 'aborted' | undefined;
  const end = (why: NonNullable<typeof outcome>) => {
    outcome ??= why;
    child.kill('SIGKILL');
  };
  const removeListener = signal && onAbort(signal, () => end('aborted'));
  let silence = setTimeout(() => end('silent'), timeoutMs);
  let pixels = new Uint8Array(frameBytes);
  let filled = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    for (let offset = 0; offset < chunk.length && outcome === undefined;) {
      const part = chunk.subarray(offset, offset + frameBytes - filled);
      pixels.set(part, filled);
      filled += part.length;
      offset += part.length;
      if (filled < frameBytes) continue;
      const arrivedMs = performance.now();
      clearTimeout(silence);
      silence = setTimeout(() => end('silent'), timeoutMs);
      onFrame({ pixels, width, height, arrivedMs });
      count += 1;
      firstMs ??= arrivedMs;
      pixels = new Uint8Array(frameBytes);
      filled = 0;
      const isLate = options.seconds !== undefined && arrivedMs - firstMs >= options.seconds * 1000;
      if (count === options.frames || isLate) end('enough');
    }
  });
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(silence);
  removeListener?.();
  if (outcome === 'enough' || outcome === 'aborted') return;
  const why = outcome === 'silent' ? `no frame for ${timeoutMs} ms` : `FFmpeg exited with code ${code}`;
  throw new Error(`reading ${withoutLogin(url)}: ${why} after ${count} frames: ${errorOutput.trim()}`);
}

function inputArguments(url: string, { transport = 'tcp' }: ReadFramesOptions): string[] {
  // Low latency: no buffering for reordering, little probing.
  const live = [
    '-fflags',
    'nobuffer',
    '-flags',
    'low_delay',
    '-analyzeduration',
    '500000',
    '-probesize',
    '500000',
  ];
  return [...live, ...(/^rtsps?:/.test(url) ? ['-rtsp_transport', transport] : []), '-i', url];
}

async function sizeOf(url: string, options: ReadFramesOptions): Promise<{ width: number; height: number }> {
  const probed = await ffprobeStream(url, options.timeoutMs);
  const video = probed.streams.find((stream) => stream.codec_type === 'video');
  if (video?.width === undefined || video.height === undefined) {
    throw new Error(`${withoutLogin(url)} has no video of a known size`);
  }
  return { width: video.width, height: video.height };
}

const probeSchema = z.object({
  streams: z.array(
    z.looseObject({
      codec_type: z.string(),
      codec_name: z.string().optional(),
      profile: z.string().optional(),
      width: z.int().optional(),
      height: z.int().optional(),
      has_b_frames: z.int().optional(),
      r_frame_rate: z.string().optional(),
    }),
  ),
});
export type ProbedStreams = z.infer<typeof probeSchema>;

/** Probes the tracks of a stream. Throws with ffprobe's error output, for example for a refused login. */
export async function ffprobeStream(url: string, timeoutMs = 15_000): Promise<ProbedStreams> {
  const transport = /^rtsps?:/.test(url) ? ['-rtsp_transport', 'tcp'] : [];
  const probing = ['-analyzeduration', '1000000'];
  const args = ['-hide_banner', '-v', 'error', ...probing, ...transport, '-of', 'json', '-show_streams', url];
  const child = spawn('ffprobe', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let errorOutput = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errorOutput += text));
  const [code, ended] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) {
    throw new Error(
      `ffprobe of ${withoutLogin(url)} failed (${ended ?? code}): ${errorOutput.slice(-2000).trim()}`,
    );
  }
  return probeSchema.parse(JSON.parse(output));
}

function withoutLogin(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
