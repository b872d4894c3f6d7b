/** Memory layout of a frame. `bgr24` is OpenCV's native form; `yuv420p` has half the bytes and is drawn plane by plane. */
export type PixelFormat = 'bgr24' | 'yuv420p';

export type FrameSize = { width: number; height: number };

/** A rectangle of samples in a frame: one sample per `step` pixels in each direction. */
export type PlaneLayout = {
  component: 'bgr' | 'y' | 'u' | 'v';
  channels: 1 | 3;
  width: number;
  height: number;
  step: 1 | 2;
  offsetBytes: number;
};

/** H.264 in 4:2:0 needs even dimensions: a source of odd size loses its last column or row. */
export function evenSize(size: FrameSize): FrameSize {
  return { width: evenSide(size.width), height: evenSide(size.height) };
}

function evenSide(side: number): number {
  return Math.max(2, Math.floor(side / 2) * 2);
}

/** Bytes of one frame of FFmpeg's `rawvideo`: consecutive planes, rows without padding. */
export function frameBytes(format: PixelFormat, size: FrameSize): number {
  return planesOf(format, size).reduce((sum, plane) => sum + plane.width * plane.height * plane.channels, 0);
}

/** The planes of a frame with even dimensions. */
export function planesOf(format: PixelFormat, { width, height }: FrameSize): PlaneLayout[] {
  if (format === 'bgr24') return [{ component: 'bgr', channels: 3, width, height, step: 1, offsetBytes: 0 }];
  const luma = width * height;
  const chroma = { channels: 1, width: width / 2, height: height / 2, step: 2 } as const;
  return [
    { component: 'y', channels: 1, width, height, step: 1, offsetBytes: 0 },
    { component: 'u', ...chroma, offsetBytes: luma },
    { component: 'v', ...chroma, offsetBytes: luma + luma / 4 },
  ];
}

/** Size of the small frames for snapshot and detection: never larger than the source, with even dimensions. */
export function previewSize(source: FrameSize, maxWidth: number): FrameSize {
  const width = Math.min(maxWidth, source.width);
  return evenSize({ width, height: Math.round((source.height * width) / source.width) });
}
