import { quietArguments } from '../invocation.ts';

/** Read timeout for MediaMTX, in microseconds. */
const socketTimeoutUs = 8_000_000;

/** Arguments that read the video of a MediaMTX path, up to the stream selection. */
export function readPathArguments(url: string, options: { keyFramesOnly: boolean }): string[] {
  return [
    ...quietArguments,
    ...(options.keyFramesOnly ? ['-skip_frame', 'nokey'] : []),
    ...readPathInput(url),
    ...['-map', '0:v:0', '-an'],
  ];
}

/**
 * Opens a MediaMTX path. The analysis ends with the first packet, since at 2 fps a longer one takes many seconds. MediaMTX's
 * description contains the parameter sets, except for a path with sound: `needsSize` analyzes until they arrive.
 */
export function readPathInput(url: string, needsSize = false): string[] {
  const analysis = needsSize
    ? ['-analyzeduration', '20000000', '-probesize', '5000000']
    : ['-analyzeduration', '100000', '-probesize', '32'];
  return [
    ...['-protocol_whitelist', 'rtsp,rtp,tcp,udp', '-rtsp_transport', 'tcp'],
    ...['-timeout', String(socketTimeoutUs), '-flags', 'low_delay'],
    ...[...analysis, '-fpsprobesize', '0', '-i', url],
  ];
}

/**
 * Arguments that write JPEGs to standard output. One thread only: with more, FFmpeg's MJPEG encoder delays one frame
 * per thread, which is a second at 1 fps.
 */
export function jpegArguments(scale: number): string[] {
  return [
    ...['-c:v', 'mjpeg', '-q:v', String(scale), '-pix_fmt', 'yuvj420p', '-threads', '1'],
    ...['-f', 'image2pipe', 'pipe:1'],
  ];
}
