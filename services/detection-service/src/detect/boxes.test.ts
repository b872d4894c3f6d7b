import { describe, expect, it } from '@jest/globals';
import { boundingBoxSchema } from '@camplane/contracts/detection';
import fc from 'fast-check';
import { areNear, fractionsOf, joinBoxes, overlapOf } from './boxes.ts';
import { suppressNonMaxima } from './non-maximum-suppression.ts';

const box = (x: number, y: number, width: number, height: number) => ({ x, y, width, height });
const anyBox = fc.record({
  x: fc.integer({ min: -50, max: 700 }),
  y: fc.integer({ min: -50, max: 500 }),
  width: fc.integer({ min: 1, max: 400 }),
  height: fc.integer({ min: 1, max: 400 }),
});

describe('boxes', () => {
  it('overlap by intersection over union', () => {
    expect(overlapOf(box(0, 0, 10, 10), box(5, 0, 10, 10))).toBeCloseTo(1 / 3);
    expect(overlapOf(box(0, 0, 10, 10), box(10, 0, 10, 10))).toBe(0);
  });

  it('are clipped fractions of the image', () => {
    fc.assert(
      fc.property(anyBox, (one) => {
        const parsed = boundingBoxSchema.safeParse(fractionsOf(one, { width: 640, height: 360 }));
        expect(parsed.error).toBeUndefined();
      }),
    );
  });

  it('are merged while any two are near, in any order', () => {
    const parts = [box(0, 0, 10, 10), box(30, 0, 10, 10), box(12, 0, 16, 10), box(100, 0, 5, 5)];
    const near = (a: ReturnType<typeof box>, b: ReturnType<typeof box>) => areNear(a, b, 3, 3);
    const expected = [box(0, 0, 40, 10), box(100, 0, 5, 5)];
    expect(joinBoxes(parts, near)).toEqual(expected);
    expect(joinBoxes([...parts].reverse(), near)).toEqual(expect.arrayContaining(expected));
  });
});

describe('non-maximum suppression', () => {
  const scored = (score: number, one: ReturnType<typeof box>) => ({ score, box: one });

  it('keeps the best of overlapping boxes', () => {
    const heap = [scored(1, box(0, 0, 10, 20)), scored(3, box(1, 0, 10, 20)), scored(2, box(0, 1, 10, 20))];
    const apart = scored(0.5, box(40, 0, 10, 20));
    expect(suppressNonMaxima([...heap, apart], { overlapMax: 0.4 })).toEqual([heap[1], apart]);
  });

  it('removes a box inside a better one', () => {
    const candidates = [scored(2, box(0, 0, 40, 80)), scored(1, box(5, 5, 10, 20))];
    expect(suppressNonMaxima(candidates, { overlapMax: 0.4 })).toHaveLength(2);
    expect(suppressNonMaxima(candidates, { overlapMax: 0.4, withinMax: 0.7 })).toHaveLength(1);
  });

  it('leaves no overlapping boxes and always keeps the best', () => {
    const candidate = fc.record({ score: fc.double({ min: -1, max: 5, noNaN: true }), box: anyBox });
    fc.assert(
      fc.property(fc.array(candidate, { minLength: 1, maxLength: 30 }), (candidates) => {
        const kept = suppressNonMaxima(candidates, { overlapMax: 0.4 });
        expect(kept[0]?.score).toBe(Math.max(...candidates.map(({ score }) => score)));
        for (const [index, a] of kept.entries()) {
          for (const b of kept.slice(index + 1)) expect(overlapOf(a.box, b.box)).toBeLessThanOrEqual(0.4);
        }
      }),
    );
  });
});
