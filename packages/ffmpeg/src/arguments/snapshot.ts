import type { FfmpegInvocation } from '../invocation.ts';
import { jpegArguments, readPathArguments } from './read-path.ts';

/** Good enough to look at, small enough to send. */
const quantiserScale = 4;

/** One JPEG of a path of MediaMTX, on standard output: of its next key frame. */
export function buildSnapshot(options: { url: string; width?: number }): FfmpegInvocation {
  return {
    args: [
      ...readPathArguments(options.url, { keyFramesOnly: true }),
      ...['-frames:v', '1', '-vf', `scale='min(${options.width ?? 1280},iw)':-2`],
      ...jpegArguments(quantiserScale),
    ],
  };
}
