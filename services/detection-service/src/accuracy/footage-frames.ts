import { spawn } from 'node:child_process';
import sharp from 'sharp';

/** The defaults of camera-service's frames. */
export const imageSize = { width: 640, height: 480 };
const jpegQuality = 80;

/** RGB, rows from the top, of `imageSize`. */
export type FootageFrame = { frame: number; pixels: Buffer };

/**
 * Every nth frame of the footage, numbered from 0, scaled.
 *
 * @param count number of frames
 * @throws {Error} if FFmpeg fails
 */
export async function* footageFrames(
  file: string,
  every: number,
  count = 100_000,
): AsyncGenerator<FootageFrame> {
  const { width, height } = imageSize;
  const select = `select=not(mod(n\\,${every})),scale=${width}:${height}`;
  const output = [
    '-frames:v',
    String(count),
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    'pipe:1',
  ];
  const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-i', file, '-an', '-vf', select, ...output], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code));
  });
  ended.catch(() => undefined);
  try {
    let pixels = Buffer.alloc(width * height * 3);
    let filled = 0;
    let frame = 0;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      for (let taken = 0; taken < chunk.length;) {
        const copied = chunk.copy(pixels, filled, taken);
        taken += copied;
        filled += copied;
        if (filled < pixels.length) continue;
        yield { frame, pixels };
        pixels = Buffer.alloc(pixels.length);
        filled = 0;
        frame += every;
      }
    }
    const code = await ended;
    if (code !== 0) throw new Error(`ffmpeg ended with code ${code}`);
  } finally {
    child.kill('SIGKILL');
  }
}

export async function jpegOf(pixels: Buffer): Promise<Uint8Array> {
  const raw = { ...imageSize, channels: 3 } as const;
  return sharp(pixels, { raw }).jpeg({ quality: jpegQuality }).toBuffer();
}

/** The scene without people: the median of each pixel. */
export function medianOf(frames: readonly Buffer[]): Buffer {
  const median = Buffer.alloc(frames[0]?.length ?? 0);
  const values = new Uint8Array(frames.length);
  for (let index = 0; index < median.length; index++) {
    for (let frame = 0; frame < frames.length; frame++) {
      values[frame] = frames[frame]?.[index] ?? 0;
    }
    median[index] = values.sort()[frames.length >> 1] ?? 0;
  }
  return median;
}

/** The frame with camera noise, deterministic for a seed. */
export function withNoise(pixels: Buffer, seed: number): Buffer {
  // Rounds and clamps. Avoids globals in the loop, whose lookup is slow in jest.
  const noisy = new Uint8ClampedArray(pixels);
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  for (let index = 0; index < noisy.length; index++) {
    // Xorshift (Marsaglia 2003); the sum of four bytes is nearly normal: a deviation of 3 levels.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const sum = (state & 255) + ((state >>> 8) & 255) + ((state >>> 16) & 255) + (state >>> 24);
    noisy[index] = (noisy[index] ?? 0) + (sum - 510) / 49;
  }
  return Buffer.from(noisy.buffer);
}
