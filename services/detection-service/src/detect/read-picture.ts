import { messageOf } from '@camplane/runtime/message-of';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { Picture, Pixels } from './detector.ts';
import { shrunkLuma } from './luma.ts';
import type { ColourPixels } from './luma.ts';
import { pictureSizeOf } from './picture-size.ts';

/** Width of the small form. Motion needs no more, and it costs a tenth of the whole picture. */
const smallWidth = 320;
/** Up to here it takes the decoder longer to give a smaller picture than the whole one. */
const decodedWholeMax = 1000;
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
  const whole = once(() => decode(open()));
  return {
    width,
    height,
    capturedAt,
    small: once(async () => {
      if (width <= decodedWholeMax)
        return shrunkLuma(await whole(), Math.max(1, Math.round(width / smallWidth)));
      return shrunkLuma(await decode(open().resize({ width: smallWidth, kernel: 'linear' })), 1);
    }),
    grey: once(async () => shrunkLuma(await whole(), 1)),
    rgb: once(async () => inColour(await whole())),
  };
}

function inColour({ data, width, height, channels }: ColourPixels): Pixels {
  if (channels === 3) return { data, width, height };
  const rgb = new Uint8Array(width * height * 3);
  for (let index = 0; index < rgb.length; index++) rgb[index] = data[Math.trunc(index / 3)] ?? 0;
  return { data: rgb, width, height };
}

async function pixelsOf(pipeline: Sharp): Promise<ColourPixels> {
  const { data, info } = await pipeline
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

async function reading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const reason = messageOf(cause).split('\n')[0];
    throw new UnreadablePicture(`the picture cannot be decoded: ${reason}`, { cause });
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
