import type { FfmpegInvocation } from '../invocation.ts';
import { h264Arguments } from './publish.ts';
import { publishSource } from './publish-source.ts';
import type { PublishOptions } from './publish-source.ts';

/** yuv420p needs even dimensions. */
const evenSides = 'scale=trunc(iw/2)*2:trunc(ih/2)*2';

/** Publishes a camera encoded to H.264, for sources that a browser cannot play (H.265, MJPEG, B-frames). */
export function buildTranscode(options: PublishOptions): FfmpegInvocation {
  return publishSource(options, { probe: 'decode', video: ['-vf', evenSides, ...h264Arguments(1)] });
}
