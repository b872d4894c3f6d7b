import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mergeFrameRequests } from './frame-request.ts';
import type { FrameRequest } from './frame-request.ts';

const fpsMax = 20;
const request: fc.Arbitrary<FrameRequest> = fc.record({
  purpose: fc.constantFrom('detection', 'snapshot', 'preview'),
  fps: fc.double({ min: 0.1, max: 30, noNaN: true }),
  width: fc.integer({ min: 64, max: 3840 }),
  quality: fc.integer({ min: 1, max: 100 }),
  keyFramesOnly: fc.boolean(),
});
const requests = fc.array(request, { maxLength: 8 });
const some = fc.array(request, { minLength: 1, maxLength: 8 });
const merge = (list: readonly FrameRequest[]) => mergeFrameRequests(list, fpsMax);

describe('merging frame requests', () => {
  it('returns null without requests', () => {
    expect(merge([])).toBeNull();
  });

  it('returns the settings of a single request', () => {
    const detection = { fps: 2, width: 640, quality: 80, keyFramesOnly: false };
    expect(merge([{ purpose: 'detection', ...detection }])).toEqual(detection);
  });

  it('satisfies every request, up to the maximum rate', () => {
    fc.assert(
      fc.property(some, (list) => {
        const merged = merge(list);
        for (const { fps, width, quality, keyFramesOnly } of list) {
          expect(merged?.fps).toBeGreaterThanOrEqual(Math.min(fps, fpsMax));
          expect(merged?.width).toBeGreaterThanOrEqual(width);
          expect(merged?.quality).toBeGreaterThanOrEqual(quality);
          if (!keyFramesOnly) expect(merged?.keyFramesOnly).toBe(false);
        }
      }),
    );
  });

  it('asks for no more than some request does', () => {
    fc.assert(
      fc.property(some, (list) => {
        const merged = merge(list);
        expect(merged?.fps).toBeLessThanOrEqual(fpsMax);
        expect([...list.map(({ fps }) => fps), fpsMax]).toContain(merged?.fps);
        expect(list.map(({ width }) => width)).toContain(merged?.width);
        expect(list.map(({ quality }) => quality)).toContain(merged?.quality);
        expect(merged?.keyFramesOnly).toBe(list.every(({ keyFramesOnly }) => keyFramesOnly));
      }),
    );
  });

  it('depends neither on the order of requests, nor on repetitions', () => {
    fc.assert(
      fc.property(requests, (list) => {
        expect(merge(list.toReversed())).toEqual(merge(list));
        expect(merge([...list, ...list])).toEqual(merge(list));
      }),
    );
  });

  it('has the same result in one step or in two', () => {
    fc.assert(
      fc.property(some, some, (left, right) => {
        const first = merge(left);
        if (!first) throw new Error('some requests are merged');
        expect(merge([{ purpose: 'merged', ...first }, ...right])).toEqual(merge([...left, ...right]));
      }),
    );
  });
});
