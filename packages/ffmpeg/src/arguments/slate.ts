import type { FfmpegInvocation } from '../invocation.ts';
import { quietArguments } from '../invocation.ts';

/**
 * A film of two seconds with two lines of text on a dark background, shown on a path without video. The texts are
 * in files, so that no character has a meaning in the filter. All slates of one codec have the same size and
 * encoder settings and therefore the same parameter sets: MediaMTX keeps those of the first file it saw for a path.
 * No B-frames, one key frame per second.
 */
export function buildSlate(options: {
  codec: 'h264' | 'h265';
  audio: boolean;
  titleFile: string;
  lineFile: string;
  fontFile: string;
  output: string;
}): FfmpegInvocation {
  const text = (file: string, size: number, color: string, y: string) =>
    `drawtext=expansion=none:fontfile=${filterValue(options.fontFile)}:textfile=${filterValue(file)}:fontsize=${size}:fontcolor=${color}:x=(w-text_w)/2:y=${y}`;
  const video =
    options.codec === 'h264'
      ? [
          '-c:v',
          'libx264',
          '-preset',
          'ultrafast',
          '-tune',
          'stillimage',
          '-profile:v',
          'baseline',
          '-bf',
          '0',
          '-g',
          '5',
        ]
      : [
          '-c:v',
          'libx265',
          '-preset',
          'ultrafast',
          '-x265-params',
          'bframes=0:keyint=5:open-gop=0:log-level=error',
          '-tag:v',
          'hvc1',
        ];
  return {
    args: [
      ...quietArguments,
      '-y',
      '-f',
      'lavfi',
      '-i',
      'color=c=0x14181f:size=1280x720:rate=5',
      ...(options.audio ? ['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=stereo'] : []),
      '-t',
      '2',
      '-vf',
      `${text(options.titleFile, 56, 'white', 'h/2-70')},${text(options.lineFile, 34, '0xb8c4d6', 'h/2+20')}`,
      ...video,
      '-pix_fmt',
      'yuv420p',
      '-threads',
      '1',
      ...(options.audio ? ['-c:a', 'libopus', '-b:a', '16k'] : []),
      '-movflags',
      '+faststart',
      '-f',
      'mp4',
      options.output,
    ],
  };
}

/** Quotes a value inside a filter graph and escapes the characters that end a value or an option. */
function filterValue(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "'\\\\\\''").replaceAll(':', '\\:')}'`;
}
