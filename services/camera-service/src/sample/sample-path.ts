import { setPriority } from 'node:os';
import { limitsOf } from '@camplane/ffmpeg/process-limits';
import type { FfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { buildSample, readShownPicture } from '@camplane/ffmpeg/arguments/sample';
import type { ShownPicture } from '@camplane/ffmpeg/arguments/sample';
import { createH264PictureCounter } from '@camplane/ffmpeg/h264-pictures';
import type { PictureCounts } from '@camplane/ffmpeg/h264-pictures';
import { startChild } from '@camplane/supervisor/child-process';

export type SampleRequest = {
  /** RTSP address of the path. */
  url: string;
  /** Of the published video. */
  codec: string;
  /** Counts the undecoded pictures too. For H.264 only. */
  countsPictures: boolean;
  hasSound?: boolean;
  timeoutMs: number;
  /** Pictures are counted no longer than this after the first decoded one. */
  settleMs: number;
  /** Enough to see whether every third picture is a B-frame. */
  picturesEnough: number;
};

/** What a short read of a published path saw. */
export type PathSample = {
  /** Pictures decoded without damage. */
  decoded: number;
  /** The first of them. */
  picture: Pick<ShownPicture, 'pixelFormat' | 'width' | 'height'> | null;
  /** Pictures received, decodable or not; null if they were not counted. */
  received: PictureCounts | null;
  /** `failed`: FFmpeg could not open the path, or it ended. */
  ending: 'complete' | 'timed-out' | 'failed';
};

const killAfterMs = 500;
const samplePriority = 5;

/** Decodes a path for as long as it takes to know what its readers get, in a separate process. */
export async function samplePath(
  request: SampleRequest,
  options: { ffmpegPath: string; ffmpegLimits: FfmpegLimits; signal: AbortSignal; onDecoded?(): void },
): Promise<PathSample> {
  const end = new AbortController();
  const counter = request.countsPictures ? createH264PictureCounter() : null;
  let ending: PathSample['ending'] = 'failed';
  let decoded = 0;
  let picture: PathSample['picture'] = null;
  const finish = (reason: PathSample['ending']) => {
    if (end.signal.aborted) return;
    ending = reason;
    end.abort();
  };
  const timeout = setTimeout(() => finish(decoded > 0 ? 'complete' : 'timed-out'), request.timeoutMs);
  let settle: NodeJS.Timeout | undefined;
  const check = () => {
    if (isEnough(request, decoded, counter?.counts() ?? null)) finish('complete');
  };
  const child = startChild({
    name: 'path sample',
    command: options.ffmpegPath,
    ...buildSample({ ...request, copy: counter ? 'h264' : null }),
    limits: limitsOf(options.ffmpegLimits, 'decode'),
    stdout: (chunk) => {
      counter?.push(chunk);
      check();
    },
    onStderrLine(line) {
      const shown = readShownPicture(line);
      // Before the first key frame FFmpeg decodes H.265 to grey pictures; H.264 begins at a recovery point too.
      if (!shown || (decoded === 0 && !shown.isKeyFrame && request.codec !== 'h264')) return;
      decoded += 1;
      if (decoded === 1) options.onDecoded?.();
      picture ??= shown;
      settle ??= setTimeout(() => finish('complete'), request.settleMs);
      check();
    },
    signal: AbortSignal.any([options.signal, end.signal]),
    killAfterMs,
  });
  if (child.pid !== undefined) lowerPriority(child.pid);
  await child.ended;
  clearTimeout(timeout);
  clearTimeout(settle);
  options.signal.throwIfAborted();
  return { decoded, picture, received: counter?.counts() ?? null, ending };
}

/** A sample can wait; the starts of other cameras cannot. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, samplePriority);
  } catch {
    // The process has ended.
  }
}

function isEnough(
  { picturesEnough }: SampleRequest,
  decoded: number,
  received: PictureCounts | null,
): boolean {
  if (decoded === 0) return false;
  if (!received) return true;
  const { pictures, keyFrames, bFrames } = received;
  // Recovery points without key frames: the end of `settleMs` decides.
  if (keyFrames === 0) return false;
  const isIntraOnly = pictures >= 2 && keyFrames === pictures;
  return bFrames > 0 || isIntraOnly || pictures >= picturesEnough;
}
