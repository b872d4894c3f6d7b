import type { InputOptions } from '../input.ts';
import { inputArguments } from '../input.ts';
import type { FfmpegInvocation } from '../invocation.ts';
import { progressArguments, quietArguments } from '../invocation.ts';
import { rawSoundArguments } from './raw-sound.ts';

export type RawFormat = 'bgr24' | 'yuv420p';

/**
 * Decodes a camera to raw frames of a fixed size (R1.1), written to a named pipe. If the camera changes its size
 * mid-stream, FFmpeg scales to the initial size. Sound, if requested, goes to a second pipe, so that one
 * connection to the camera serves both.
 */
export function buildOverlayDecode(
  options: Omit<InputOptions, 'probe' | 'audio'> & {
    width: number;
    height: number;
    format: RawFormat;
    output: string;
    /** Pipe for raw sound, or null for none. The source must have sound. */
    soundOutput: string | null;
  },
): FfmpegInvocation {
  const { args, ...input } = inputArguments({
    ...options,
    audio: options.soundOutput !== null,
    probe: 'decode',
  });
  return {
    args: [
      ...quietArguments,
      ...progressArguments,
      '-y',
      ...args,
      '-map',
      '0:v:0',
      '-an',
      // Every frame once, on arrival: the encoder timestamps them by arrival.
      '-fps_mode',
      'passthrough',
      // Fine enough that no two frames share a timestamp, which FFmpeg would warn about each time.
      '-enc_time_base',
      '1:90000',
      // FFmpeg's raw "encoder" uses one thread per core, and each delays one frame.
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
    ...input,
  };
}

function soundArguments(output: string | null): string[] {
  if (output === null) return [];
  // FFmpeg buffers 32 KiB (170 ms) before writing; send each packet at once.
  return ['-map', '0:a:0', '-vn', ...rawSoundArguments, '-flush_packets', '1', output];
}
