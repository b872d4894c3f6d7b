import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { cachedFile } from '../cached-file.ts';
import { ordinaryVideo, patternInput, videoClip } from '../rtsp/video-clip.ts';
import { runFfmpeg } from '../run-ffmpeg.ts';
import { encodeJpeg } from './encode-jpeg.ts';
import { splitJpegs } from './split-jpegs.ts';

export type JpegForm =
  | 'ordinary'
  | 'grey'
  | '4:2:2'
  | '4:4:4'
  | 'progressive'
  | 'restart-markers'
  | 'own-huffman-tables'
  | 'without-huffman-tables';

export type JpegRecipe = { size: readonly [width: number, height: number]; form: JpegForm };

/** Pictures of FFmpeg's test pattern, ten per second, as JPEGs of a form. */
export async function jpegClip({ size, form }: JpegRecipe, cacheFolder: string): Promise<Buffer[]> {
  const encoded = async (recipe: { pixelFormat?: string; parameters?: string }) => {
    const video = { ...ordinaryVideo, codec: 'mjpeg', sizes: [size], seconds: 2, ...recipe } as const;
    const clip = await videoClip(video, cacheFolder);
    return clip.pictures.flatMap(({ units }) => units);
  };
  switch (form) {
    case 'ordinary':
      return encoded({});
    case '4:2:2':
      return encoded({ pixelFormat: 'yuvj422p' });
    case '4:4:4':
      return encoded({ pixelFormat: 'yuvj444p' });
    case 'own-huffman-tables':
      return encoded({ parameters: 'optimal' });
    case 'without-huffman-tables':
      return (await encoded({})).map(withoutHuffmanTables);
    case 'grey':
    case 'progressive':
    case 'restart-markers':
      return ownPictures(size, form, cacheFolder);
  }
}

/** Pictures that {@link encodeJpeg} makes. That takes seconds, so they are cached. */
async function ownPictures(
  size: JpegRecipe['size'],
  form: 'grey' | 'progressive' | 'restart-markers',
  cacheFolder: string,
): Promise<Buffer[]> {
  const encodings = {
    grey: {},
    progressive: { isProgressive: true },
    'restart-markers': { restartInterval: 20 },
  };
  const name = `${form}-${size.join('x')}.mjpeg`;
  const file = await cachedFile(cacheFolder, name, async (partial) => {
    const pictures = await rawPictures(size, form === 'grey' ? 1 : 3, cacheFolder);
    const jpegs = pictures.map((planes) => encodeJpeg(pictureOf(size, planes), encodings[form]));
    await writeFile(partial, Buffer.concat(jpegs));
  });
  return splitJpegs(await readFile(file));
}

function pictureOf([width, height]: JpegRecipe['size'], planes: Uint8Array[]) {
  return { width, height, planes };
}

async function rawPictures(
  [width, height]: JpegRecipe['size'],
  planes: 1 | 3,
  cacheFolder: string,
): Promise<Uint8Array[][]> {
  const format = planes === 1 ? 'gray' : 'yuvj444p';
  const source = patternInput({ ...ordinaryVideo, sizes: [[width, height]], seconds: 1 });
  const args = [...source, '-pix_fmt', format, '-f', 'rawvideo'];
  const key = createHash('sha256').update(JSON.stringify(args)).digest('hex').slice(0, 20);
  const bytes = await readFile(
    await cachedFile(cacheFolder, `raw-${key}`, (partial) => runFfmpeg([...args, '-y', partial])),
  );
  const plane = (index: number) => bytes.subarray(index * width * height, (index + 1) * width * height);
  return Array.from({ length: bytes.length / (planes * width * height) }, (_, picture) =>
    Array.from({ length: planes }, (_unused, index) => plane(picture * planes + index)),
  );
}

/** As in MJPEG of AVI files: decoders must know the standard tables. */
function withoutHuffmanTables(jpeg: Buffer): Buffer {
  const parts = [jpeg.subarray(0, 2)];
  let at = 2;
  while (jpeg[at + 1] !== 0xda) {
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (jpeg[at + 1] !== 0xc4) parts.push(jpeg.subarray(at, end));
    at = end;
  }
  return Buffer.concat([...parts, jpeg.subarray(at)]);
}
