import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createH264PictureCounter } from './h264-pictures.ts';

/** Twelve pictures as a byte stream. */
async function encode(parameters: string): Promise<Buffer> {
  const args = [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=128x96:rate=10', '-frames:v', '12'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-x264-params', parameters],
    ...['-f', 'h264', 'pipe:1'],
  ];
  const { stdout } = await promisify(execFile)('ffmpeg', args, { encoding: 'buffer' });
  return stdout;
}

function countsOf(chunks: readonly Buffer[]) {
  const counter = createH264PictureCounter();
  chunks.forEach((chunk) => counter.push(chunk));
  return counter.counts();
}

describe('the counter of H.264 pictures', () => {
  it.each([
    ['key frames', 'keyint=4:scenecut=0:bframes=0', { pictures: 12, keyFrames: 3, bFrames: 0 }],
    ['B-frames', 'keyint=12:bframes=2:b-adapt=0:b-pyramid=none', { pictures: 12, keyFrames: 1, bFrames: 7 }],
    ['slices', 'keyint=4:scenecut=0:bframes=0:slices=4', { pictures: 12, keyFrames: 3, bFrames: 0 }],
    ['intra refresh', 'keyint=4:intra-refresh=1:bframes=0', { pictures: 12, keyFrames: 1, bFrames: 0 }],
  ])('counts %s', async (_what, parameters, expected) => {
    expect(countsOf([await encode(parameters)])).toEqual(expected);
  });

  it('counts the same, however the stream is cut', async () => {
    const stream = await encode('keyint=4:bframes=2');
    const cuts = fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 20 });
    fc.assert(
      fc.property(cuts, (positions) => {
        const sorted = [0, ...positions.sort((a, b) => a - b), stream.length];
        const chunks = sorted.slice(1).map((end, index) => stream.subarray(sorted[index], end));
        expect(countsOf(chunks)).toEqual(countsOf([stream]));
      }),
    );
  });

  it('counts nothing in other bytes', () => {
    expect(countsOf([Buffer.alloc(1000, 0), Buffer.alloc(1000, 1), Buffer.alloc(0)]).pictures).toBe(0);
  });
});
