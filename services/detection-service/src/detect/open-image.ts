import { messageOf } from '@camplane/runtime/message-of';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { Image, Pixels } from './detector.ts';
import { shrunkLuma } from './luma.ts';
import type { ColourPixels } from './luma.ts';
import { imageSizeOf } from './image-size.ts';

/** Width of the small form: enough for motion, at a tenth of the cost of the whole image. */
const smallWidth = 320;
/** Up to this width the decoder takes longer for a scaled image than for the whole one. */
const decodedWholeMax = 1000;
/** Above 8K; no camera sends larger frames. */
const pixelsMax = 8192 * 4608;

/** The bytes cannot be decoded. A retry does not help. */
export class UnreadableImage extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'UnreadableImage';
  }
}

/**
 * Opens a JPEG or PNG. Only its header is read at once; each form may still find the rest damaged.
 *
 * @throws {UnreadableImage} here and from each form
 */
export async function openImage(bytes: Uint8Array, capturedAt: number): Promise<Image> {
  const size = imageSizeOf(bytes);
  if (size === null) throw new UnreadableImage('the image is neither a JPEG nor a PNG, or has no size');
  const { width, height } = size;
  if (width * height > pixelsMax) {
    throw new UnreadableImage(`the image has ${width} × ${height} pixels, more than ${pixelsMax}`);
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
    rgb: once(async () => toRgb(await whole())),
  };
}

function toRgb({ data, width, height, channels }: ColourPixels): Pixels {
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
    throw new UnreadableImage(`the image cannot be decoded: ${reason}`, { cause });
  }
}

function once<T>(create: () => Promise<T>): () => Promise<T> {
  let created: Promise<T> | undefined;
  return () => (created ??= create());
}
