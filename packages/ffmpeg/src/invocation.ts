/**
 * How FFmpeg is called: its arguments, without the program's name, and what is written to its standard input.
 * Secrets stand in `stdin` alone: an argument list can be read by every user of the machine.
 */
export type FfmpegInvocation = { args: string[]; stdin?: string };

/** No banner, no keys, warnings only; progress goes to standard output five times a second, where it is wanted. */
export const quietArguments: readonly string[] = [
  '-hide_banner',
  '-nostdin',
  '-loglevel',
  'warning',
  '-nostats',
];

/**
 * A report when the output is opened, which still says `frame=0`, then one each fifth of a second. FFmpeg 5.1 counts
 * copied video too: in packets, from the first key frame on.
 */
export const progressArguments: readonly string[] = ['-progress', 'pipe:1', '-stats_period', '0.2'];
