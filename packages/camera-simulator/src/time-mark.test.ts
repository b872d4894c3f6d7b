import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { drawTimeMark, readTimeMark, timeMarkIndexMax } from './time-mark.ts';

const index = fc.integer({ min: 0, max: timeMarkIndexMax });
const size = fc.constantFrom([320, 240], [640, 480], [1280, 720], [768, 576], [1920, 1080]);

function pictureWith(mark: number, width: number, height: number, fill = 128): Uint8Array {
  const luma = new Uint8Array(width * height).fill(fill);
  drawTimeMark(luma, width, height, mark);
  return luma;
}

/** Nearest-neighbour scaling, as coarse as any scaler gets. */
function scale(
  from: Uint8Array,
  width: number,
  height: number,
  toWidth: number,
  toHeight: number,
): Uint8Array {
  return Uint8Array.from({ length: toWidth * toHeight }, (_, i) => {
    const x = Math.floor(((i % toWidth) * width) / toWidth);
    const y = Math.floor((Math.floor(i / toWidth) * height) / toHeight);
    return from[y * width + x] ?? 0;
  });
}

describe('time mark', () => {
  it('is read back unchanged at every size', () => {
    fc.assert(
      fc.property(index, size, (mark, [width = 0, height = 0]) => {
        expect(readTimeMark(pictureWith(mark, width, height), width, height)).toBe(mark);
      }),
      { numRuns: 30 },
    );
  });

  it('survives scaling', () => {
    fc.assert(
      fc.property(index, fc.integer({ min: 160, max: 1000 }), (mark, toWidth) => {
        const toHeight = Math.round((toWidth * 3) / 4);
        const scaled = scale(pictureWith(mark, 640, 480), 640, 480, toWidth, toHeight);
        expect(readTimeMark(scaled, toWidth, toHeight)).toBe(mark);
      }),
      { numRuns: 30 },
    );
  });

  it('survives noise and a change of levels', () => {
    fc.assert(
      fc.property(index, fc.integer(), (mark, seed) => {
        const noisy = pictureWith(mark, 320, 240).map((value, i) => {
          const noise = ((Math.imul(i + 1, 2654435761) ^ seed) >>> 24) % 60;
          return Math.min(255, Math.max(0, value * 0.8 + 20 + noise - 30));
        });
        expect(readTimeMark(noisy, 320, 240)).toBe(mark);
      }),
      { numRuns: 30 },
    );
  });

  it.each([0, 16, 128, 235, 255])('is not found in a uniform frame of %d', (level) => {
    expect(readTimeMark(new Uint8Array(320 * 240).fill(level), 320, 240)).toBeNull();
  });

  it('is not found when one cell is wrong', () => {
    const luma = pictureWith(1234, 320, 240);
    // Cell 9, inverted.
    for (let y = 0; y < 16; y += 1) {
      for (let x = 9 * 16; x < 10 * 16; x += 1) luma[y * 320 + x] = 255 - (luma[y * 320 + x] ?? 0);
    }
    expect(readTimeMark(luma, 320, 240)).toBeNull();
  });

  it('refuses an index that does not fit', () => {
    expect(() => drawTimeMark(new Uint8Array(320 * 240), 320, 240, timeMarkIndexMax + 1)).toThrow(RangeError);
  });

  it('is not found in a truncated frame', () => {
    expect(readTimeMark(new Uint8Array(100), 320, 240)).toBeNull();
  });
});
