import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cachedFile } from './cached-file.ts';
import { drawTimeMark, timeMarkHeight } from './time-mark.ts';

export type ClipContent = { kind: 'pattern' } | { kind: 'footage'; file: string };

export type ClipOptions = {
  /** A moving pattern with a time mark on each frame; or a file, scaled, without marks. */
  content: ClipContent;
  codec: 'h264' | 'h265' | 'mjpeg';
  /** Even, in pixels. */
  width: number;
  height: number;
  fps: number;
  keyFrameIntervalSeconds: number;
  /** Constant bit rate, filled with noise; omitted: as needed. Not for MJPEG. */
  bitrateKbps?: number;
  /** B-frames between two reference frames; cameras have none, some encoders do. */
  bFrames?: number;
  audio?: 'none' | 'aac' | 'pcmu';
};

/** Length of a pattern's clip; its frame index starts at 0 and wraps at the end. */
export const patternSeconds = 10;

/** Increase this when the encoding of clips changes, or cached files would be stale. */
const recipe = 1;

/**
 * The file of an encoded clip: encoded by the first call, cached in `cacheFolder` afterwards. NUT supports any codec and
 * exact timestamps; parameter sets precede each key frame, as cameras send them.
 */
export async function encodedClip(
  options: ClipOptions,
  cacheFolder: string,
  signal?: AbortSignal,
): Promise<string> {
  check(options);
  return cachedFile(cacheFolder, `clip-${await keyOf(options)}.nut`, (partial) =>
    encode(options, partial, signal),
  );
}

function check({ width, height, fps, keyFrameIntervalSeconds }: ClipOptions): void {
  if (width % 2 !== 0 || height % 2 !== 0 || width < 160 || height < 120) {
    throw new RangeError(`a clip's size must be even and at least 160×120, not ${width}×${height}`);
  }
  if (!(fps > 0 && fps <= 60) || !(keyFrameIntervalSeconds > 0)) {
    throw new RangeError('fps must be in 0–60, and the key-frame interval above 0');
  }
}

async function keyOf(options: ClipOptions): Promise<string> {
  const source = options.content.kind === 'footage' ? await stat(options.content.file) : null;
  const inputs = [
    recipe,
    options.content.kind === 'footage' ? [options.content.file, source?.size, source?.mtimeMs] : 'pattern',
    [options.codec, options.width, options.height, options.fps, options.keyFrameIntervalSeconds],
    [options.bitrateKbps ?? null, options.bFrames ?? 0, options.audio ?? 'none'],
  ];
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 20);
}

async function encode(options: ClipOptions, output: string, signal: AbortSignal | undefined): Promise<void> {
  const child = spawn('ffmpeg', [...clipArguments(options), output], {
    stdio: ['pipe', 'ignore', 'pipe'],
    ...(signal === undefined ? {} : { signal, killSignal: 'SIGKILL' as const }),
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  // If FFmpeg exits early, the pipe breaks; its exit code and error output give the reason.
  const fed = pipeline(
    Readable.from(options.content.kind === 'pattern' ? markStrips(options) : []),
    child.stdin,
  );
  const [[code]] = await Promise.all([ended, fed.catch(() => undefined)]);
  if (code !== 0) throw new Error(`FFmpeg could not encode a clip (exit code ${code}): ${complaint.trim()}`);
}

/** FFmpeg gets the marks as strips of luma and overlays them on its own pattern: little data to draw and pipe. */
function* markStrips({ width, height, fps }: ClipOptions): Generator<Uint8Array> {
  for (let index = 0; index < Math.round(fps * patternSeconds); index += 1) {
    const luma = new Uint8Array(width * stripHeight(height)).fill(16);
    drawTimeMark(luma, width, height, index);
    yield luma;
  }
}

/** Even, for FFmpeg's 4:2:0 planes. */
function stripHeight(pictureHeight: number): number {
  const rows = timeMarkHeight(pictureHeight);
  return rows + (rows % 2);
}

function clipArguments(options: ClipOptions): string[] {
  const { content, width, height, fps } = options;
  const size = `${width}x${height}`;
  const common = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'];
  const audioInput =
    (options.audio ?? 'none') === 'none' ? [] : ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
  if (content.kind === 'footage') {
    const fit = `scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:-1:-1,setsar=1`;
    const input = ['-i', content.file, ...audioInput];
    return [
      ...common,
      ...input,
      '-filter_complex',
      `[0:v]fps=${fps},${fit}[v]`,
      ...encoderArguments(options),
    ];
  }
  // A constant bit rate needs detail that does not compress.
  const noise = options.bitrateKbps === undefined ? '' : ',noise=alls=14:allf=t';
  const seconds = ['-t', String(patternSeconds)];
  const marks = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    '-s',
    `${width}x${stripHeight(height)}`,
    '-r',
    String(fps),
  ];
  const graph = [
    `[1:v]format=yuv420p[picture]`,
    `[0:v]format=yuv420p[mark]`,
    `[picture][mark]overlay=0:0:format=yuv420:shortest=1[v]`,
  ].join(';');
  return [
    ...common,
    ...[...marks, '-i', 'pipe:0'],
    ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${fps}${noise}`],
    ...audioInput,
    ...['-filter_complex', graph, ...encoderArguments(options), ...seconds],
  ];
}

function encoderArguments(options: ClipOptions): string[] {
  const audio = options.audio ?? 'none';
  const audioInput = options.content.kind === 'footage' ? '1:a' : '2:a';
  const audioCodec =
    audio === 'aac' ? ['-c:a', 'aac', '-b:a', '64k'] : ['-c:a', 'pcm_mulaw', '-ar', '8000', '-ac', '1'];
  return [
    ...['-map', '[v]', ...videoArguments(options)],
    ...(audio === 'none' ? ['-an'] : ['-map', audioInput, ...audioCodec, '-shortest']),
    ...['-fflags', '+bitexact', '-f', 'nut'],
  ];
}

function videoArguments(options: ClipOptions): string[] {
  const interval = Math.max(1, Math.round(options.fps * options.keyFrameIntervalSeconds));
  const bFrames = options.bFrames ?? 0;
  const rate = options.bitrateKbps === undefined ? null : `${options.bitrateKbps}k`;
  const rateArguments = rate === null ? [] : ['-b:v', rate, '-maxrate', rate, '-bufsize', rate];
  switch (options.codec) {
    case 'h264': {
      const parameters = `repeat-headers=1:bframes=${bFrames}:keyint=${interval}:min-keyint=${interval}:scenecut=0`;
      const profile = ['-profile:v', bFrames > 0 ? 'high' : 'main', '-pix_fmt', 'yuv420p'];
      const quality = rate === null ? ['-crf', '23'] : rateArguments;
      return ['-c:v', 'libx264', '-preset', 'veryfast', ...profile, ...quality, '-x264-params', parameters];
    }
    case 'h265': {
      const parameters = `repeat-headers=1:bframes=${bFrames}:keyint=${interval}:min-keyint=${interval}:scenecut=0:log-level=error`;
      return [
        '-c:v',
        'libx265',
        '-preset',
        'ultrafast',
        '-pix_fmt',
        'yuv420p',
        ...rateArguments,
        '-x265-params',
        parameters,
      ];
    }
    case 'mjpeg':
      // RTP carries JPEG with standard Huffman tables only (RFC 2435).
      return ['-c:v', 'mjpeg', '-huffman', 'default', '-q:v', '5', '-pix_fmt', 'yuvj420p'];
  }
}
