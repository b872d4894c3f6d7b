import type { FfmpegInvocation } from '../invocation.ts';
import { progressArguments, quietArguments } from '../invocation.ts';
import type { RawFormat } from './overlay-decode.ts';
import { audioArguments, h264Arguments, publishArguments, soundNeverHoldsVideo } from './publish.ts';
import { rawSoundArguments } from './raw-sound.ts';

/**
 * Timestamps each frame with its arrival time, in 1/90000 s: a dropped frame then leaves a gap, whereas with a
 * fixed rate the stream would fall behind. (`-use_wallclock_as_timestamps` does not work here: `-r` on an input
 * overrides it, and without `-r` raw video gets timestamps in whole frame intervals, so that two frames in one
 * interval collide.) Never goes backwards, even if the clock is set back.
 *
 * @param origin start time of the stream, in microseconds as in `RTCTIME`
 */
const stampByArrival = (origin: string) =>
  `settb=1/90000,setpts='max(if(isnan(PREV_OUTPTS),0,PREV_OUTPTS+1),(RTCTIME-${origin})/(TB*1000000))'`;

/** Raw sound from a named pipe, and the time of its first sample in milliseconds since the epoch. */
export type RawSound = { input: string; startedAtMs: number };

/**
 * Encodes raw frames from a named pipe, or `pipe:0`, to H.264 and publishes them (R1.1), with sound if present.
 * Sound gets timestamps from its sample count, so both start at its first sample.
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
      // With a second input FFmpeg reads ahead, by default eight frames, which would delay them.
      ...(sound === null ? [] : ['-thread_queue_size', '1']),
      ...['-f', 'rawvideo', '-pix_fmt', options.format, '-s', `${options.width}x${options.height}`],
      ...['-r', String(options.fps), '-i', options.input],
      ...(sound === null ? [] : [...rawSoundArguments, '-thread_queue_size', '64', '-i', sound.input]),
      ...['-map', '0:v:0', '-vf', stampByArrival(origin)],
      ...['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'],
      ...h264Arguments(1),
      ...audioArguments(sound !== null, 1),
      ...(sound === null ? [] : soundNeverHoldsVideo),
      ...publishArguments(options.target),
    ],
  };
}
