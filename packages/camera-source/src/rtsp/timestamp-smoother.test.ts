import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createTimestampSmoother } from './timestamp-smoother.ts';

const inOrder = { startsUnit: true, isReordered: false };
const hour = 3600 * 90_000;

/** Pictures at 25 per second, with a change of the camera's clock before some. */
function run(
  changes: ReadonlyMap<number, number>,
  pictures: number,
  start = 0,
): { sent: number[]; jumps: number } {
  const smoother = createTimestampSmoother(90_000);
  let clock = start;
  const sent: number[] = [];
  for (let i = 0; i < pictures; i += 1) {
    clock = (clock + 3600 + (changes.get(i) ?? 0)) >>> 0;
    sent.push(smoother.smooth(clock, i * 40, inOrder));
  }
  return { sent, jumps: smoother.jumps };
}

function steps(sent: readonly number[]): number[] {
  return sent.slice(1).map((value, i) => (value - (sent[i] ?? 0)) | 0);
}

describe('createTimestampSmoother', () => {
  it('changes nothing on a regular stream, also over a wrap of 32 bits', () => {
    const { sent, jumps } = run(new Map(), 100, 2 ** 32 - 90_000);
    expect(sent[0]).toBe(2 ** 32 - 90_000 + 3600);
    expect(new Set(steps(sent))).toEqual(new Set([3600]));
    expect(jumps).toBe(0);
  });

  it.each([
    ['an hour back', -hour],
    ['an hour forwards', hour],
    ['half a second back', -45_000],
    ['half of the range', 2 ** 31],
  ])('bridges a jump of %s by the time between the arrivals', (_name, jump) => {
    const { sent, jumps } = run(new Map([[50, jump]]), 100);
    expect(jumps).toBe(1);
    expect(steps(sent).every((step) => step > 0 && step <= 7200)).toBe(true);
  });

  it('keeps a pause of the camera', () => {
    const smoother = createTimestampSmoother(90_000);
    smoother.smooth(0, 0, inOrder);
    expect(smoother.smooth(20 * 90_000, 20_000, inOrder)).toBe(20 * 90_000);
    expect(smoother.jumps).toBe(0);
  });

  it('leaves pictures out of order as they are', () => {
    const smoother = createTimestampSmoother(90_000);
    const options = { startsUnit: true, isReordered: true };
    const received = [0, 14_400, 3600, 7200, 10_800, 28_800];
    expect(received.map((value, i) => smoother.smooth(value, i * 40, options))).toEqual(received);
  });

  it('uses one timestamp for all packets of a picture', () => {
    const smoother = createTimestampSmoother(90_000);
    smoother.smooth(hour, 0, inOrder);
    const first = smoother.smooth(0, 40, inOrder);
    expect(smoother.smooth(0, 60, { ...inOrder, startsUnit: false })).toBe(first);
  });

  it.each([
    ['stands still', () => 1000],
    ['runs at a tenth of its rate', (i: number) => i * 360],
    ['runs at three times its rate', (i: number) => i * 10_800],
  ])('uses arrival times when the clock %s', (_name, stamp) => {
    const smoother = createTimestampSmoother(90_000);
    const sent = Array.from({ length: 2000 }, (_, i) => smoother.smooth(stamp(i), i * 40, inOrder));
    expect(new Set(steps(sent.slice(1000)))).toEqual(new Set([3600]));
    expect(smoother.jumps).toBe(1);
  });

  it('is monotonic and stays near real time for any jumps', () => {
    const change = fc.tuple(fc.nat(199), fc.integer({ min: -(2 ** 31), max: 2 ** 31 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const { sent } = run(new Map(changes), 200);
        // A step of up to ten seconds is not a jump.
        expect(steps(sent).every((step) => step >= 0 && step <= 11 * 90_000)).toBe(true);
      }),
    );
  });
});
