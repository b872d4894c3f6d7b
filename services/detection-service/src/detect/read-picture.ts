import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { Picture, Pixels } from './detector.ts';
import { pictureSizeOf } from './picture-size.ts';

/** Width of the small form. Motion needs no more, and it costs a tenth of the whole picture. */
const smallWidth = 320;
/** Above 8K: what asks for more memory than that is no camera's picture. */
const pixelsMax = 8192 * 4608;

/** The bytes are no picture that can be read: showing them again will not help. */
export class UnreadablePicture extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'UnreadablePicture';
  }
}

/**
 * Reads a JPEG (or PNG) in the forms that detectors ask for. Only its head is read at once; every form may still
 * find that the rest is damaged.
 *
 * @throws {UnreadablePicture} here and from each form
 */
export async function readPicture(bytes: Uint8Array, capturedAt: number): Promise<Picture> {
  const size = pictureSizeOf(bytes);
  if (size === null) throw new UnreadablePicture('the picture is neither JPEG nor PNG, or has no size');
  const { width, height } = size;
  if (width * height > pixelsMax) {
    throw new UnreadablePicture(`the picture has ${width} × ${height} pixels, more than ${pixelsMax}`);
  }
  const open = () => sharp(bytes, { limitInputPixels: pixelsMax, failOn: 'error', sequentialRead: true });
  const decode = (pipeline: Sharp) => reading(pixelsOf(pipeline));
  const grey = once(() => decode(open().greyscale().toColourspace('b-w')));
  return {
    width,
    height,
    capturedAt,
    grey,
    small: once(() =>
      width <= smallWidth
        ? grey()
        : decode(open().resize({ width: smallWidth, kernel: 'linear' }).greyscale().toColourspace('b-w')),
    ),
    rgb: once(() => decode(open().toColourspace('srgb'))),
  };
}

async function pixelsOf(pipeline: Sharp): Promise<Pixels> {
  const { data, info } = await pipeline.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

async function reading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new UnreadablePicture(`the picture cannot be decoded: ${reason}`, { cause });
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
