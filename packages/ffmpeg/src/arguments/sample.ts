import { quietArguments } from '../invocation.ts';
import type { FfmpegInvocation } from '../invocation.ts';
import { readPathInput } from './read-path.ts';

/**
 * Decodes the video of a MediaMTX path and reports each picture by a line of `showinfo` on standard error: see
 * `readShownPicture`. With `copy: 'h264'` the undecoded stream is written to standard output too.
 */
export function buildSample(options: {
  url: string;
  codec: string;
  copy: 'h264' | null;
  hasSound?: boolean;
}): FfmpegInvocation {
  return {
    args: [
      // The last level counts: `showinfo` writes at this one.
      ...[...quietArguments, '-loglevel', 'info', '-threads', '1'],
      // A damaged JPEG is decoded to a damaged picture otherwise.
      ...(options.codec === 'mjpeg' ? ['-err_detect', 'explode'] : []),
      // The copied output needs the size of the pictures in its header.
      ...readPathInput(options.url, options.copy !== null && options.hasSound === true),
      ...(options.copy === null
        ? []
        : [
            ...['-map', '0:v:0', '-c:v', 'copy', '-copyinkf', '-flush_packets', '1'],
            ...['-f', options.copy, 'pipe:1'],
          ]),
      ...['-map', '0:v:0', '-vf', 'showinfo=checksum=0', '-f', 'null', '-'],
    ],
  };
}

export type ShownPicture = {
  isKeyFrame: boolean;
  pixelFormat: string;
  width: number;
  height: number;
};

/** A decoded picture, from a line of FFmpeg's `showinfo` filter; null if the line is another. */
export function readShownPicture(line: string): ShownPicture | null {
  const match = /showinfo.* n: *\d+ .* fmt:(\w+) .* s:(\d+)x(\d+) .* iskey:([01]) /.exec(line);
  if (!match) return null;
  return {
    pixelFormat: match[1] ?? '',
    width: Number(match[2]),
    height: Number(match[3]),
    isKeyFrame: match[4] === '1',
  };
}
