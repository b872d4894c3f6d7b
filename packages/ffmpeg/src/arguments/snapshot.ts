import type { FfmpegInvocation } from '../invocation.ts';
import { jpegArguments, readPathArguments } from './read-path.ts';

/** Good quality at a small size. */
const quantiserScale = 4;

/** Writes one JPEG of the next key frame of a MediaMTX path to standard output. */
export function buildSnapshot(options: { url: string; width?: number }): FfmpegInvocation {
  return {
    args: [
      ...readPathArguments(options.url, { keyFramesOnly: true }),
      ...['-frames:v', '1', '-vf', `scale='min(${options.width ?? 1280},iw)':-2`],
      ...jpegArguments(quantiserScale),
    ],
  };
}
