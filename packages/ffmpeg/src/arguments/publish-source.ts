import type { InputOptions } from '../input.ts';
import { inputArguments } from '../input.ts';
import type { FfmpegInvocation } from '../invocation.ts';
import { progressArguments, quietArguments } from '../invocation.ts';
import { audioArguments, publishArguments, soundNeverHoldsVideo } from './publish.ts';

export type PublishOptions = Omit<InputOptions, 'probe'> & {
  /** Where to publish: `rtsp://127.0.0.1:8554/front-door`. */
  target: string;
  /** The source has described codec and size, so FFmpeg need not find them out. */
  isDescribed?: boolean;
  /** FFmpeg estimates the rate of the pictures. MJPEG over RTSP states none, and encoding would assume 90,000. */
  needsRate?: boolean;
};

/** In seconds. A greater jump is reported (see `createClockWatch`). */
const clockJumpMin = 10;

/** From a camera's source to its path in one FFmpeg. */
export function publishSource(
  options: PublishOptions,
  { probe, video }: { probe: 'copy' | 'decode'; video: readonly string[] },
): FfmpegInvocation {
  const { args, ...input } = inputArguments({
    ...options,
    probe: probeFor(options, probe),
  });
  return {
    args: [
      ...quietArguments,
      ...progressArguments,
      ...(options.source.kind === 'rtsp' ? ['-dts_error_threshold', String(clockJumpMin)] : []),
      ...args,
      ...['-map', '0:v:0', ...video],
      ...audioArguments(options.audio),
      ...(options.audio ? soundNeverHoldsVideo : []),
      ...publishArguments(options.target),
    ],
    ...input,
  };
}

function probeFor(
  { source, audio, isDescribed, needsRate }: PublishOptions,
  probe: 'copy' | 'decode',
): InputOptions['probe'] {
  // Sound may start late, except from a relay, which has waited for it. FFmpeg 9 counts packets of sound as analyzed
  // time: with 0.1 s it may end before the first picture.
  if (audio) return source.kind === 'relay' ? 'decode' : 'thorough';
  if (needsRate === true && source.kind === 'rtsp') return 'thorough';
  return isDescribed === true ? 'described' : probe;
}
