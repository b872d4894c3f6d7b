import { describe, expect, it } from '@jest/globals';
import { addProcessorSample, exceedsCores } from './processor-use.ts';
import type { ProcessorSample } from './processor-use.ts';

const windowMs = 30_000;

/** Averages that are known while a process uses `cores` of each step of 5 s. */
function averages(coresOfSteps: readonly number[]): (number | null)[] {
  let samples: ProcessorSample[] = [{ atMs: 0, usedMs: 0 }];
  let usedMs = 0;
  return coresOfSteps.map((cores, step) => {
    usedMs += cores * 5000;
    const added = addProcessorSample(samples, { atMs: (step + 1) * 5000, usedMs }, windowMs);
    samples = added.samples;
    expect(samples.length).toBeLessThanOrEqual(8);
    return added.cores;
  });
}

describe('processor use', () => {
  it('is unknown before a whole window has passed', () => {
    expect(averages([3, 3, 3, 3, 3])).toEqual([null, null, null, null, null]);
  });

  it('is the average of the window', () => {
    expect(averages([0, 0, 0, 0, 0, 3, 3, 3, 3, 3, 3]).slice(5)).toEqual([0.5, 1, 1.5, 2, 2.5, 3]);
  });

  it('forgets what is older than the window', () => {
    expect(averages([...Array<number>(6).fill(4), ...Array<number>(6).fill(0)]).at(-1)).toBe(0);
  });

  it('includes the time in which samples were late', () => {
    const { samples } = addProcessorSample([{ atMs: 0, usedMs: 0 }], { atMs: 10_000, usedMs: 0 }, windowMs);
    expect(addProcessorSample(samples, { atMs: 100_000, usedMs: 100_000 }, windowMs).cores).toBe(
      100_000 / 90_000,
    );
  });

  it('exceeds a limit by a tenth of a core or more', () => {
    expect(exceedsCores(null, 1)).toBe(false);
    expect(exceedsCores(1.04, 1)).toBe(false);
    expect(exceedsCores(1.06, 1)).toBe(true);
    expect(exceedsCores(0.3, 0.1)).toBe(true);
  });
});
