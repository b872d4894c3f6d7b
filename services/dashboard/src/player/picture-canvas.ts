export type PictureCanvas = {
  /** Decodes a JPEG and draws it. Of the pictures that arrive during decoding, only the latest is kept. */
  draw: (jpeg: Blob) => void;
  /** Shows the video's current frame, as a cover for the moment until another stream has its first frame. */
  cover: (video: HTMLVideoElement) => void;
  show: () => void;
  hide: () => void;
  isShown: () => boolean;
  /** Size of the latest picture; null before the first. */
  size: () => { width: number; height: number } | null;
  /** Drops the picture that is being decoded. */
  clear: () => void;
};

/** Draws pictures on a canvas above the video element. `onDrawn` is called for each. */
export function createPictureCanvas(canvas: HTMLCanvasElement, onDrawn: () => void): PictureCanvas {
  const context = canvas.getContext('2d', { alpha: false });
  let size: { width: number; height: number } | null = null;
  let waiting: Blob | null = null;
  let decoding = false;
  /** Changes with `clear`, so that a late picture is not drawn. */
  let round = 0;

  const paint = (image: CanvasImageSource, width: number, height: number) => {
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    context?.drawImage(image, 0, 0, width, height);
  };
  const decode = async (jpeg: Blob): Promise<void> => {
    const started = round;
    const bitmap = await createImageBitmap(jpeg);
    if (started === round) {
      size = { width: bitmap.width, height: bitmap.height };
      paint(bitmap, size.width, size.height);
      onDrawn();
    }
    bitmap.close();
  };
  const run = async () => {
    decoding = true;
    while (waiting) {
      const next = waiting;
      waiting = null;
      // A picture that cannot be decoded is skipped. If all are, the player reports a stall.
      await decode(next).catch(() => undefined);
    }
    decoding = false;
  };

  return {
    draw(jpeg) {
      waiting = jpeg;
      if (!decoding) void run();
    },
    cover(video) {
      if (video.videoWidth === 0) return;
      paint(video, video.videoWidth, video.videoHeight);
      canvas.hidden = false;
    },
    show: () => (canvas.hidden = false),
    hide: () => (canvas.hidden = true),
    isShown: () => !canvas.hidden,
    size: () => size,
    clear() {
      round += 1;
      waiting = null;
      size = null;
    },
  };
}
