/** The smallest sequence of segments that a JPEG splitter accepts as a whole JPEG; it holds no image data. */
export function testJpeg({ width, height }: { width: number; height: number }): Buffer {
  const comment = [0xff, 0xfe, 0, 6, 1, 2, 3, 4];
  const frame = [0xff, 0xc0, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0];
  const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x55];
  return Buffer.from([0xff, 0xd8, ...comment, ...frame, ...scan, 0xff, 0xd9]);
}
