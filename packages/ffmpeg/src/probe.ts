import type { StreamFailureKind } from '@camplane/contracts/camera-status';
import { startChild } from '@camplane/supervisor/child-process';
import type { ChildEnding, ChildLimits } from '@camplane/supervisor/child-process';
import { z } from 'zod';
import { jpegScale } from './arguments/tap.ts';
import { classifyError } from './classify-error.ts';
import type { InputOptions } from './input.ts';
import { inputArguments } from './input.ts';
import type { FfmpegInvocation } from './invocation.ts';
import { quietArguments } from './invocation.ts';
import { limitsOf } from './process-limits.ts';
import type { FfmpegLimits } from './process-limits.ts';

export type ProbeOutcome =
  | {
      ok: true;
      video: {
        /** Named as in DESCRIBE: `h264`, `h265`, `mjpeg`, else FFmpeg's name. */
        codec: string;
        profile: string | null;
        level: string | null;
        width: number;
        height: number;
        fps: number | null;
        hasBFrames: boolean;
      };
      audio: { codec: string; sampleRate: number; channels: number } | null;
      /** A JPEG at most 640 pixels wide; null if not requested, or not available in time. */
      picture: Buffer | null;
    }
  | { ok: false; kind: StreamFailureKind; message: string };

export type ProbeOptions = Omit<InputOptions, 'probe' | 'pace' | 'audio'> & {
  ffprobePath: string;
  ffmpegPath: string;
  ffmpegLimits: FfmpegLimits;
  /** Capture a JPEG too. */
  picture: boolean;
  /** For the whole probe. */
  timeoutMs: number;
  signal: AbortSignal;
};

const answerMaxBytes = 256 * 1024;
const pictureMaxBytes = 2 * 1024 * 1024;
const pictureWidth = 640;
const pictureQuality = 75;
/** A probe process has nothing to save, so it gets little time to stop. */
const killAfterMs = 500;

/**
 * Probes a source with FFmpeg, one connection at a time because cameras limit them. Callers open an RTSP source with
 * `openRtspSource` first, which reports the precise reason of a refusal.
 *
 * Rejects only when the signal is aborted, with its reason.
 */
export async function probeSource(options: ProbeOptions): Promise<ProbeOutcome> {
  const { source, timeoutMs } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([options.signal, deadline]);
  const running = { limits: limitsOf(options.ffmpegLimits, 'probe'), signal };
  const looked = await run(options.ffprobePath, probeInvocation(options), answerMaxBytes, running);
  options.signal.throwIfAborted();
  if (deadline.aborted) {
    return { ok: false, kind: 'TimedOut', message: `No video was found within ${timeoutMs / 1000} s.` };
  }
  if (looked.ending.kind !== 'exited' || looked.ending.code !== 0) {
    return failureOf(looked.ending);
  }
  const streams = readStreams(looked.output);
  if (!streams) return { ok: false, kind: 'InvalidData', message: 'The source does not send video.' };
  if (!streams.video) return { ok: false, kind: 'NoVideo', message: 'The source has no video stream.' };
  const picture = options.picture ? await takePicture(options, running) : null;
  options.signal.throwIfAborted();
  // MJPEG over HTTP has no timestamps: 25 fps is FFmpeg's default, not the camera's rate.
  const isUntimed = source.kind === 'http' && streams.video.codec === 'mjpeg';
  const video = isUntimed ? { ...streams.video, fps: null } : streams.video;
  return { ok: true, video, audio: streams.audio, picture };
}

function probeInvocation(options: ProbeOptions): FfmpegInvocation {
  const { args, ...input } = inputArguments({ ...options, audio: true, probe: 'thorough', pace: 'unpaced' });
  return {
    args: [
      ...['-hide_banner', '-loglevel', 'warning', '-of', 'json'],
      ...['-show_entries', `stream=${shownFields.join(',')}`, ...args],
    ],
    ...input,
  };
}

async function takePicture(options: ProbeOptions, running: Running): Promise<Buffer | null> {
  const { args, ...input } = inputArguments({ ...options, audio: false, probe: 'decode', pace: 'unpaced' });
  const invocation = {
    args: [
      ...quietArguments,
      ...args,
      ...['-map', '0:v:0', '-an', '-frames:v', '1', '-vf', `scale='min(${pictureWidth},iw)':-2`],
      ...['-c:v', 'mjpeg', '-q:v', String(jpegScale(pictureQuality)), '-pix_fmt', 'yuvj420p'],
      ...['-f', 'image2pipe', 'pipe:1'],
    ],
    ...input,
  };
  const { output } = await run(options.ffmpegPath, invocation, pictureMaxBytes, running);
  const isWhole = output?.subarray(0, 2).equals(jpegBegin) === true && output.subarray(-2).equals(jpegEnd);
  return isWhole ? output : null;
}

const jpegBegin = Buffer.from([0xff, 0xd8]);
const jpegEnd = Buffer.from([0xff, 0xd9]);

type Running = { limits: ChildLimits; signal: AbortSignal };

/** Runs a program to its end and returns its output, or null if that was too long. */
async function run(
  command: string,
  invocation: FfmpegInvocation,
  outputMaxBytes: number,
  { limits, signal }: Running,
): Promise<{ ending: ChildEnding; output: Buffer | null }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const child = startChild({
    name: 'probe',
    command,
    ...invocation,
    limits,
    stdout: (chunk) => {
      bytes += chunk.length;
      if (bytes <= outputMaxBytes) chunks.push(chunk);
    },
    signal,
    killAfterMs,
  });
  const ending = await child.ended;
  return { ending, output: bytes <= outputMaxBytes ? Buffer.concat(chunks) : null };
}

function failureOf(ending: ChildEnding): Extract<ProbeOutcome, { ok: false }> {
  if (ending.kind === 'spawn-failed') return { ok: false, kind: 'ProgramMissing', message: ending.message };
  const classified = classifyError(ending.stderrTail);
  if (classified) return { ok: false, ...classified };
  return { ok: false, kind: 'InvalidData', message: 'What the source sends could not be read.' };
}

const shownFields = [
  ...['codec_type', 'codec_name', 'profile', 'level', 'width', 'height', 'has_b_frames'],
  ...['avg_frame_rate', 'r_frame_rate', 'sample_rate', 'channels'],
] as const;

/** The part that is read of ffprobe's JSON (ffprobe documentation, "Writers"). */
const answerSchema = z.object({
  streams: z.array(
    z.object({
      codec_type: z.string().optional(),
      codec_name: z.string().max(64).optional(),
      profile: z.string().max(64).optional(),
      level: z.int().optional(),
      width: z.int().optional(),
      height: z.int().optional(),
      has_b_frames: z.int().optional(),
      avg_frame_rate: z.string().optional(),
      r_frame_rate: z.string().optional(),
      sample_rate: z.string().optional(),
      channels: z.int().optional(),
    }),
  ),
});
type ShownStream = z.infer<typeof answerSchema>['streams'][number];
type Streams = Pick<Extract<ProbeOutcome, { ok: true }>, 'audio'> & {
  video: Extract<ProbeOutcome, { ok: true }>['video'] | null;
};

function readStreams(output: Buffer | null): Streams | undefined {
  const answer = answerSchema.safeParse(parseJson(output));
  if (!answer.success) return undefined;
  const { streams } = answer.data;
  // A stream without a size sent no frame.
  const video = streams.find(({ codec_type, width }) => codec_type === 'video' && (width ?? 0) > 0);
  const audio = streams.find(({ codec_type }) => codec_type === 'audio');
  return { video: video ? describeVideo(video) : null, audio: audio ? describeAudio(audio) : null };
}

function describeVideo(stream: ShownStream): NonNullable<Streams['video']> {
  return {
    codec: stream.codec_name === 'hevc' ? 'h265' : (stream.codec_name ?? 'unknown'),
    profile: stream.profile === undefined || stream.profile === 'unknown' ? null : stream.profile,
    level: levelOf(stream),
    width: stream.width ?? 0,
    height: stream.height ?? 0,
    fps: frameRate(stream.avg_frame_rate) ?? frameRate(stream.r_frame_rate),
    hasBFrames: (stream.has_b_frames ?? 0) > 0,
  };
}

/** H.264 counts levels in tenths (ITU-T H.264, A.3), H.265 in thirtieths (ITU-T H.265, A.4). */
function levelOf({ codec_name: codec, level = 0 }: ShownStream): string | null {
  const unit = codec === 'h264' ? 10 : codec === 'hevc' ? 30 : null;
  return unit === null || level <= 0 ? null : (level / unit).toFixed(1);
}

/** FFmpeg's codec names that differ from RTP, and so from DESCRIBE. */
const audioNames = new Map([
  ['pcm_mulaw', 'pcmu'],
  ['pcm_alaw', 'pcma'],
  ['adpcm_g722', 'g722'],
]);

function describeAudio(stream: ShownStream): Streams['audio'] {
  const sampleRate = Number(stream.sample_rate);
  if (!Number.isInteger(sampleRate) || sampleRate < 1) return null;
  const codec = stream.codec_name ?? 'unknown';
  return { codec: audioNames.get(codec) ?? codec, sampleRate, channels: stream.channels ?? 1 };
}

/** `30000/1001` as a number; null if implausible for a camera: FFmpeg reports 90000/1 if it does not know. */
function frameRate(text: string | undefined): number | null {
  const [over = NaN, under = NaN] = (text ?? '').split('/').map(Number);
  const rate = over / under;
  return rate > 0 && rate <= 240 ? Math.round(rate * 1000) / 1000 : null;
}

function parseJson(output: Buffer | null): unknown {
  try {
    return JSON.parse(output?.toString('utf8') ?? '');
  } catch {
    return undefined;
  }
}
