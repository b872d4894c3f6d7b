import sharp from 'sharp';

/** A grey image with camera noise and an optional white square. */
export async function drawnImage(options: {
  width: number;
  height: number;
  /** Centre of the square, as fractions; its side is a fifth of the height. */
  square?: { x: number; y: number };
  seed?: number;
}): Promise<Uint8Array> {
  const { width, height, square, seed = 1 } = options;
  const pixels = Buffer.alloc(width * height);
  let state = seed;
  for (let index = 0; index < pixels.length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pixels[index] = 110 + (state >>> 28);
  }
  const side = Math.round(height / 5);
  const left = square ? Math.round(square.x * width - side / 2) : 0;
  const top = square ? Math.round(square.y * height - side / 2) : 0;
  for (let y = 0; square && y < side; y++) {
    pixels.fill(240, (top + y) * width + left, (top + y) * width + left + side);
  }
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .jpeg({ quality: 80 })
    .toBuffer();
}
