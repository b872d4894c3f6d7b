/** How a picture lies in memory. `bgr24` is OpenCV's own form; `yuv420p` is half the bytes, drawn plane by plane. */
export type PixelFormat = 'bgr24' | 'yuv420p';

export type PictureSize = { width: number; height: number };

/** A rectangle of samples in a frame: `step` picture pixels to a sample in each direction. */
export type PlaneLayout = {
  component: 'bgr' | 'y' | 'u' | 'v';
  channels: 1 | 3;
  width: number;
  height: number;
  step: 1 | 2;
  offsetBytes: number;
};

/** H.264 in 4:2:0 has even sides: a source of odd size loses its last column or row. */
export function evenSize(size: PictureSize): PictureSize {
  return { width: evenSide(size.width), height: evenSide(size.height) };
}

function evenSide(side: number): number {
  return Math.max(2, Math.floor(side / 2) * 2);
}

/** Bytes of one frame as FFmpeg's `rawvideo` writes it: planes one after another, rows without padding. */
export function frameBytes(format: PixelFormat, size: PictureSize): number {
  return planesOf(format, size).reduce((sum, plane) => sum + plane.width * plane.height * plane.channels, 0);
}

/** The planes of a frame of even sides. */
export function planesOf(format: PixelFormat, { width, height }: PictureSize): PlaneLayout[] {
  if (format === 'bgr24') return [{ component: 'bgr', channels: 3, width, height, step: 1, offsetBytes: 0 }];
  const luma = width * height;
  const chroma = { channels: 1, width: width / 2, height: height / 2, step: 2 } as const;
  return [
    { component: 'y', channels: 1, width, height, step: 1, offsetBytes: 0 },
    { component: 'u', ...chroma, offsetBytes: luma },
    { component: 'v', ...chroma, offsetBytes: luma + luma / 4 },
  ];
}

/** The size of the small pictures for snapshot and detection: never above the source, with even sides. */
export function previewSize(source: PictureSize, wantedWidth: number): PictureSize {
  const width = Math.min(wantedWidth, source.width);
  return evenSize({ width, height: Math.round((source.height * width) / source.width) });
}
