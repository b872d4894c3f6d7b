import type { FfmpegInvocation } from '../invocation.ts';
import { jpegArguments, readPathArguments } from './read-path.ts';

/**
 * Takes JPEG frames of a path of MediaMTX, one after another on standard output.
 *
 * With `keyFramesOnly` nothing else is decoded, and each key frame is given at most once: the caller asks for
 * all frames where they are too rare. FFmpeg's `fps` filter would repeat them to fill the rate; `select` never
 * does.
 */
export function buildTap(options: {
  url: string;
  fps: number;
  width: number;
  /** JPEG quality, 1–100. */
  quality: number;
  keyFramesOnly: boolean;
}): FfmpegInvocation {
  // A tenth of slack, or a key frame a moment early is left out and the next comes a whole interval later.
  const spacing = (0.9 / options.fps).toFixed(3);
  const select = `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${spacing})'`;
  return {
    args: [
      ...readPathArguments(options.url, options),
      '-fps_mode',
      'passthrough',
      // Never scaled up; an even height for yuvj420p.
      '-vf',
      `${select},scale='min(${options.width},iw)':-2`,
      ...jpegArguments(jpegScale(options.quality)),
    ],
  };
}

/** JPEG quality 1–100 as FFmpeg's quantiser scale, 31 (worst) to 2 (best). */
export function jpegScale(quality: number): number {
  return Math.round(31 - ((Math.min(100, Math.max(1, quality)) - 1) / 99) * 29);
}
