import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { cachedFile } from '../cached-file.ts';
import { runFfmpeg } from '../run-ffmpeg.ts';
import { splitJpegs } from '../jpeg/split-jpegs.ts';

export type VideoCodec = 'h264' | 'h265' | 'mjpeg';

/** How FFmpeg makes a clip of its test pattern. */
export type VideoRecipe = {
  codec: VideoCodec;
  /** Two sizes: the second half of the clip has the second one. */
  sizes: readonly (readonly [width: number, height: number])[];
  fps: number;
  /** Length of the clip, which loops. */
  seconds: number;
  keyFrameSeconds: number;
  /** Parameters of x264 or x265; for MJPEG `optimal`, for Huffman tables fitted to each picture. */
  parameters?: string;
  profile?: string;
  pixelFormat?: string;
};

/** One picture as RTP carries it: NAL units without start codes, or one JPEG. */
export type Picture = { units: readonly Buffer[]; isKey: boolean };

export type VideoClip = VideoRecipe & { pictures: readonly Picture[]; parameterSets: readonly Buffer[] };

/** Increase this when the encoding changes, or cached files would be stale. */
const edition = 1;

export const ordinaryVideo: VideoRecipe = {
  codec: 'h264',
  sizes: [[320, 180]],
  fps: 10,
  seconds: 10,
  keyFrameSeconds: 1,
};

/** Encodes a clip, or reads it from the cache. */
export async function videoClip(recipe: VideoRecipe, cacheFolder: string): Promise<VideoClip> {
  const parts = await Promise.all(
    recipe.sizes.map((size) => elementaryStream({ ...recipe, sizes: [size] }, cacheFolder)),
  );
  const pictures = parts.flatMap((bytes) => picturesOf(recipe.codec, bytes));
  if (pictures.length === 0) throw new Error('the clip has no pictures');
  return { ...recipe, pictures, parameterSets: parameterSetsOf(recipe.codec, pictures) };
}

async function elementaryStream(recipe: VideoRecipe, cacheFolder: string): Promise<Buffer> {
  const key = createHash('sha256')
    .update(JSON.stringify([edition, recipe]))
    .digest('hex')
    .slice(0, 20);
  const file = await cachedFile(cacheFolder, `stream-${key}.${recipe.codec}`, (partial) =>
    runFfmpeg([...patternInput(recipe), ...encoderOf(recipe), '-y', partial]),
  );
  return readFile(file);
}

/** The test pattern as FFmpeg's input. */
export function patternInput({ sizes: [size = [320, 180]], fps, seconds }: VideoRecipe): string[] {
  // The pattern has even sizes only: an odd one is cropped from the next larger one.
  const even = size.map((side) => side + (side % 2));
  const source = `testsrc2=size=${even.join('x')}:rate=${fps}`;
  return ['-f', 'lavfi', '-i', source, '-t', String(seconds), '-vf', `crop=${size.join(':')}:0:0:exact=1`];
}

function encoderOf(recipe: VideoRecipe): string[] {
  const interval = Math.max(1, Math.round(recipe.fps * recipe.keyFrameSeconds));
  const keys = `keyint=${interval}:min-keyint=${interval}:scenecut=0:repeat-headers=1`;
  const profile = recipe.profile === undefined ? [] : ['-profile:v', recipe.profile];
  const format = ['-pix_fmt', recipe.pixelFormat ?? (recipe.codec === 'mjpeg' ? 'yuvj420p' : 'yuv420p')];
  switch (recipe.codec) {
    case 'h264': {
      const parameters = `${keys}:bframes=0:${recipe.parameters ?? ''}`;
      const preset = ['-preset', 'veryfast', '-threads', '1'];
      return ['-c:v', 'libx264', ...preset, ...profile, ...format, '-x264-params', parameters, '-f', 'h264'];
    }
    case 'h265': {
      const parameters = `${keys}:bframes=0:log-level=error:${recipe.parameters ?? ''}`;
      const preset = ['-preset', 'ultrafast'];
      return ['-c:v', 'libx265', ...preset, ...profile, ...format, '-x265-params', parameters, '-f', 'hevc'];
    }
    case 'mjpeg':
      // RTP carries JPEG with standard Huffman tables only (RFC 2435).
      return [
        '-c:v',
        'mjpeg',
        '-huffman',
        recipe.parameters ?? 'default',
        '-q:v',
        '5',
        ...format,
        '-f',
        'mjpeg',
      ];
  }
}

function picturesOf(codec: VideoCodec, bytes: Buffer): Picture[] {
  if (codec === 'mjpeg') return splitJpegs(bytes).map((jpeg) => ({ units: [jpeg], isKey: true }));
  const pictures: { units: Buffer[]; isKey: boolean }[] = [];
  let hasSlice = false;
  for (const unit of splitUnits(bytes)) {
    const { isSlice, isFirst, isKey } = unitKind(codec, unit);
    const current = pictures.at(-1);
    if (current === undefined || (hasSlice && (!isSlice || isFirst))) {
      pictures.push({ units: [unit], isKey });
      hasSlice = isSlice;
      continue;
    }
    current.units.push(unit);
    current.isKey ||= isKey;
    hasSlice ||= isSlice;
  }
  return pictures;
}

/** The NAL units of an Annex B stream (ITU-T H.264, Annex B), without start codes. */
function splitUnits(bytes: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let start = -1;
  for (let at = bytes.indexOf('\0\0\x01', 0, 'latin1'); at >= 0;) {
    if (start >= 0) units.push(withoutTrailingZeros(bytes.subarray(start, at)));
    start = at + 3;
    at = bytes.indexOf('\0\0\x01', start, 'latin1');
  }
  if (start >= 0) units.push(bytes.subarray(start));
  return units;
}

function withoutTrailingZeros(unit: Buffer): Buffer {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end -= 1;
  return unit.subarray(0, end);
}

function unitKind(
  codec: 'h264' | 'h265',
  unit: Buffer,
): { isSlice: boolean; isFirst: boolean; isKey: boolean } {
  const first = unit[0] ?? 0;
  if (codec === 'h264') {
    const type = first & 31;
    const isSlice = type === 1 || type === 5;
    return { isSlice, isFirst: isSlice && ((unit[1] ?? 0) & 0x80) !== 0, isKey: type === 5 };
  }
  const type = (first >> 1) & 63;
  const isSlice = type < 32;
  return { isSlice, isFirst: isSlice && ((unit[2] ?? 0) & 0x80) !== 0, isKey: type >= 16 && type <= 21 };
}

export function isParameterSet(codec: VideoCodec, unit: Buffer): boolean {
  const first = unit[0] ?? 0;
  if (codec === 'h264') return [7, 8].includes(first & 31);
  return codec === 'h265' && [32, 33, 34].includes((first >> 1) & 63);
}

function parameterSetsOf(codec: VideoCodec, pictures: readonly Picture[]): Buffer[] {
  const first = pictures.find(({ units }) => units.some((unit) => isParameterSet(codec, unit)));
  return first?.units.filter((unit) => isParameterSet(codec, unit)) ?? [];
}
