import type { FfmpegInvocation } from '../invocation.ts';
import { jpegArguments, readPathArguments } from './read-path.ts';

/**
 * Writes JPEG frames of a MediaMTX path to standard output.
 *
 * With `keyFramesOnly` only key frames are decoded, and each is written at most once; the caller requests all
 * frames if key frames are too rare. FFmpeg's `fps` filter would repeat frames to reach the rate; `select` does not.
 * The camera's clock may be set back: `select` then starts again, and the encoder gets new timestamps, because it
 * refuses earlier ones.
 */
export function buildTap(options: {
  url: string;
  fps: number;
  width: number;
  /** With it, pictures fit into `width` × `height`; without it, the width alone is limited. */
  height?: number;
  /** JPEG quality, 1–100. */
  quality: number;
  keyFramesOnly: boolean;
  /** The path carries MJPEG: its pictures are written as they are, all of them. */
  isCopied?: boolean;
}): FfmpegInvocation {
  if (options.isCopied) {
    const copy = ['-c:v', 'copy', '-f', 'image2pipe', 'pipe:1'];
    return { args: [...readPathArguments(options.url, { keyFramesOnly: false }), ...copy] };
  }
  // 10 % tolerance: otherwise a slightly early key frame is skipped, and the next one is a whole interval later.
  const spacing = (0.9 / options.fps).toFixed(3);
  const select = `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${spacing})+lt(t,prev_selected_t)'`;
  return {
    args: [
      ...readPathArguments(options.url, options),
      '-fps_mode',
      'passthrough',
      '-vf',
      `${select},${scaleFilter(options)},setpts=N/TB`,
      ...jpegArguments(jpegScale(options.quality)),
    ],
  };
}

/** Never upscaled; yuvj420p needs an even height. */
function scaleFilter({ width, height }: { width: number; height?: number }): string {
  if (height === undefined) return `scale='min(${width},iw)':-2`;
  const fit = 'force_original_aspect_ratio=decrease:force_divisible_by=2';
  return `scale='min(${width},iw)':'min(${height},ih)':${fit}`;
}

/** JPEG quality 1–100 as FFmpeg's quantiser scale, 31 (worst) to 2 (best). */
export function jpegScale(quality: number): number {
  return Math.round(31 - ((Math.min(100, Math.max(1, quality)) - 1) / 99) * 29);
}
