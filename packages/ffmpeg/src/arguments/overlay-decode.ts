import type { InputOptions } from '../input.ts';
import { inputArguments } from '../input.ts';
import type { FfmpegInvocation } from '../invocation.ts';
import { progressArguments, quietArguments } from '../invocation.ts';
import { rawSoundArguments } from './raw-sound.ts';

export type RawFormat = 'bgr24' | 'yuv420p';

/**
 * Decodes a camera to raw pictures of a fixed size (R1.1), written one after another to a named pipe. A camera
 * that changes its size in mid-stream goes on in the size it began with: FFmpeg scales what differs. Its sound,
 * where that is wanted, goes to a pipe of its own as it comes: the camera is connected once for both.
 */
export function buildOverlayDecode(
  options: Omit<InputOptions, 'probe'> & {
    width: number;
    height: number;
    format: RawFormat;
    output: string;
    /** Where raw sound goes; the source must have some. Null for none. */
    soundOutput: string | null;
  },
): FfmpegInvocation {
  const { args, stdin } = inputArguments({ ...options, probe: 'decode' });
  return {
    args: [
      ...quietArguments,
      ...progressArguments,
      '-y',
      ...args,
      '-map',
      '0:v:0',
      '-an',
      // Every picture once, when it comes: the encoder stamps them by arrival.
      '-fps_mode',
      'passthrough',
      // Fine enough that two pictures never share a time, which FFmpeg would complain of for each.
      '-enc_time_base',
      '1:90000',
      // FFmpeg's raw "encoder" works in as many threads as there are cores, and each holds a picture back.
      '-threads',
      '1',
      '-s',
      `${options.width}x${options.height}`,
      '-pix_fmt',
      options.format,
      '-f',
      'rawvideo',
      options.output,
      ...soundArguments(options.soundOutput),
    ],
    ...(stdin === undefined ? {} : { stdin }),
  };
}

function soundArguments(output: string | null): string[] {
  if (output === null) return [];
  // FFmpeg gathers 32 KiB before it writes, a sixth of a second: each packet is to go at once.
  return ['-map', '0:a:0', '-vn', ...rawSoundArguments, '-flush_packets', '1', output];
}
