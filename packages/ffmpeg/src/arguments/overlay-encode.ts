import type { FfmpegInvocation } from '../invocation.ts';
import { progressArguments, quietArguments } from '../invocation.ts';
import type { RawFormat } from './overlay-decode.ts';
import { h264Arguments, publishArguments } from './publish.ts';

/**
 * Stamps each picture with the time at which it comes, in 1/90000 s: a dropped one then leaves a gap, where a
 * fixed rate would let the stream fall behind. (`-use_wallclock_as_timestamps` does not do that here: `-r` on an
 * input overrides it, and without `-r` raw video is stamped in whole frame intervals, so that two pictures in
 * one interval collide.) Never backwards, even if the clock is set back.
 */
const stampByArrival =
  "settb=1/90000,setpts='if(isnan(PREV_OUTPTS),0,max(PREV_OUTPTS+1,(RTCTIME-RTCSTART)/(TB*1000000)))'";

/** Encodes raw pictures from a named pipe, or `pipe:0`, to H.264 and publishes them (R1.1). */
export function buildOverlayEncode(options: {
  input: string;
  width: number;
  height: number;
  fps: number;
  format: RawFormat;
  target: string;
}): FfmpegInvocation {
  return {
    args: [
      ...quietArguments,
      ...progressArguments,
      ...['-f', 'rawvideo', '-pix_fmt', options.format, '-s', `${options.width}x${options.height}`],
      ...['-r', String(options.fps), '-i', options.input],
      ...['-map', '0:v:0', '-an', '-vf', stampByArrival],
      ...['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'],
      ...h264Arguments(1),
      ...publishArguments(options.target),
    ],
  };
}
