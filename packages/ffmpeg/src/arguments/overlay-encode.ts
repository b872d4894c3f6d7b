import type { FfmpegInvocation } from '../invocation.ts';
import { progressArguments, quietArguments } from '../invocation.ts';
import type { RawFormat } from './overlay-decode.ts';
import { audioArguments, h264Arguments, publishArguments } from './publish.ts';
import { rawSoundArguments } from './raw-sound.ts';

/**
 * Stamps each picture with the time at which it comes, in 1/90000 s: a dropped one then leaves a gap, where a
 * fixed rate would let the stream fall behind. (`-use_wallclock_as_timestamps` does not do that here: `-r` on an
 * input overrides it, and without `-r` raw video is stamped in whole frame intervals, so that two pictures in
 * one interval collide.) Never backwards, even if the clock is set back.
 *
 * @param origin the time of the stream's beginning, in microseconds as `RTCTIME` counts them
 */
const stampByArrival = (origin: string) =>
  `settb=1/90000,setpts='max(if(isnan(PREV_OUTPTS),0,PREV_OUTPTS+1),(RTCTIME-${origin})/(TB*1000000))'`;

/** Raw sound from a named pipe, and the time of its first sample: milliseconds since the epoch. */
export type RawSound = { input: string; startedAtMs: number };

/**
 * Encodes raw pictures from a named pipe, or `pipe:0`, to H.264 and publishes them (R1.1), with sound if there is
 * some. Sound is stamped by the number of its samples, so both count from its first one.
 */
export function buildOverlayEncode(options: {
  input: string;
  width: number;
  height: number;
  fps: number;
  format: RawFormat;
  target: string;
  sound?: RawSound | null;
}): FfmpegInvocation {
  const sound = options.sound ?? null;
  const origin = sound === null ? 'RTCSTART' : String(Math.round(sound.startedAtMs * 1000));
  return {
    args: [
      ...quietArguments,
      ...progressArguments,
      // Beside a second input FFmpeg reads ahead, by default eight pictures: they would be late.
      ...(sound === null ? [] : ['-thread_queue_size', '1']),
      ...['-f', 'rawvideo', '-pix_fmt', options.format, '-s', `${options.width}x${options.height}`],
      ...['-r', String(options.fps), '-i', options.input],
      ...(sound === null ? [] : [...rawSoundArguments, '-thread_queue_size', '64', '-i', sound.input]),
      ...['-map', '0:v:0', '-vf', stampByArrival(origin)],
      ...['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'],
      ...h264Arguments(1),
      ...audioArguments(sound !== null, 1),
      // Pictures do not wait for sound of the same time, ten seconds by default; a player sorts them by their stamps.
      ...(sound === null ? [] : ['-max_interleave_delta', '1']),
      ...publishArguments(options.target),
    ],
  };
}
