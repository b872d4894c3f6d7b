/**
 * How FFmpeg is called: its arguments, without the program's name, its standard input and environment. Secrets are only in
 * `stdin`: every user of the machine can read an argument list.
 */
export type FfmpegInvocation = {
  args: string[];
  stdin?: string;
  /** Added to the variables of this process. */
  environment?: Record<string, string>;
};

/** No banner, no key presses, warnings only; optionally progress on standard output five times per second. */
export const quietArguments: readonly string[] = [
  '-hide_banner',
  '-nostdin',
  '-loglevel',
  'warning',
  '-nostats',
];

/**
 * A report when the output opens, with `frame=0`, then one every 0.2 s. FFmpeg 5.1 counts copied video too: in
 * packets, from the first key frame.
 */
export const progressArguments: readonly string[] = ['-progress', 'pipe:1', '-stats_period', '0.2'];
