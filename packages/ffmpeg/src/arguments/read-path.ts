import { quietArguments } from '../invocation.ts';

/** How long MediaMTX may be silent, in microseconds. */
const socketTimeoutUs = 8_000_000;

/**
 * The arguments that read the video of a path of MediaMTX, up to the choice of its stream. Half a second of
 * input may hold no key frame: where only those are decoded, the analysis must be longer.
 */
export function readPathArguments(url: string, options: { keyFramesOnly: boolean }): string[] {
  return [
    ...quietArguments,
    ...[
      '-protocol_whitelist',
      'rtsp,rtp,tcp,udp',
      '-rtsp_transport',
      'tcp',
      '-timeout',
      String(socketTimeoutUs),
    ],
    ...['-flags', 'low_delay', '-analyzeduration', '1500000', '-probesize', '5000000'],
    ...(options.keyFramesOnly ? ['-skip_frame', 'nokey'] : []),
    ...['-i', url, '-map', '0:v:0', '-an'],
  ];
}

/**
 * The arguments that write JPEGs one after another to standard output. In one thread: with more, FFmpeg's MJPEG
 * encoder holds a picture back for each, a second late at one a second.
 */
export function jpegArguments(scale: number): string[] {
  return [
    ...['-c:v', 'mjpeg', '-q:v', String(scale), '-pix_fmt', 'yuvj420p', '-threads', '1'],
    ...['-f', 'image2pipe', 'pipe:1'],
  ];
}
