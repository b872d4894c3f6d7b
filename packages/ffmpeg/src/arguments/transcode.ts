import type { FfmpegInvocation } from '../invocation.ts';
import { h264Arguments } from './publish.ts';
import { publishSource } from './publish-source.ts';
import type { PublishOptions } from './publish-source.ts';

/** yuv420p needs even dimensions. */
const evenSides = 'scale=trunc(iw/2)*2:trunc(ih/2)*2';

/** Publishes a camera encoded to H.264, for sources that a browser cannot play (H.265, MJPEG, B-frames). */
export function buildTranscode(options: PublishOptions): FfmpegInvocation {
  const times = options.source.kind === 'relay' && options.source.format === 'matroska' ? arrivalTimes : [];
  return publishSource(options, {
    probe: 'decode',
    video: ['-vf', evenSides, ...times, ...h264Arguments(1)],
  });
}

/**
 * Each picture once, at its own time: by default FFmpeg repeats and drops pictures to reach a fixed rate. `force-cfr`
 * keeps the rate of the source in the parameter sets, which readers use to decide how long they analyse.
 */
const arrivalTimes = [
  ...['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'],
  ...['-x264-params', 'force-cfr=1'],
];
