import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFootage } from '@camplane/camera-simulator/footage';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import sharp from 'sharp';

/** The installed footage as a camera's tap would give it: JPEGs 640 wide. */
export async function footagePictures(part: {
  fromSeconds: number;
  seconds: number;
  fps: number;
}): Promise<Uint8Array[]> {
  const footage = await findFootage();
  if (footage === null) throw new Error('the footage of opencv-doc is not installed: make setup-test');
  const folder = await createTemporaryFolder();
  try {
    const input = ['-ss', String(part.fromSeconds), '-t', String(part.seconds), '-i', footage];
    const output = ['-vf', `fps=${part.fps},scale=640:-2`, '-q:v', '4', join(folder.path, '%05d.jpg')];
    await promisify(execFile)('ffmpeg', ['-v', 'error', ...input, ...output]);
    const names = (await readdir(folder.path)).sort();
    return await Promise.all(names.map((name) => readFile(join(folder.path, name))));
  } finally {
    await folder.remove();
  }
}

/** A grey picture with the noise of a camera, and on it a white square where one is wanted. */
export async function drawnPicture(options: {
  width: number;
  height: number;
  /** Middle of the square, as fractions; its side is a fifth of the height. */
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
