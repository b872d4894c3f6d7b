const names: Readonly<Record<string, string>> = {
  h264: 'H.264',
  h265: 'H.265',
  mjpeg: 'MJPEG',
  mpeg4: 'MPEG-4',
  vp8: 'VP8',
  vp9: 'VP9',
  av1: 'AV1',
};

/** The name of a video codec for people. */
export function videoCodecName(codec: string): string {
  return names[codec] ?? codec;
}
