import { describe, expect, it } from '@jest/globals';
import { resultOf } from '../testing/result-of.ts';
import { createRecentResults } from './recent-results.ts';

describe('recent results', () => {
  it('are identified by camera, frame and detectors', () => {
    const recent = createRecentResults(10);
    const result = resultOf('a', { sequence: 1 });
    expect(recent.isNew(result)).toBe(true);
    expect(recent.isNew({ ...result })).toBe(false);
    expect(recent.isNew({ ...result, cameraId: 'b' })).toBe(true);
    expect(recent.isNew({ ...result, sequence: 2 })).toBe(true);
    expect(recent.isNew({ ...result, detectors: ['http'] })).toBe(true);
    expect(recent.isNew({ ...result, capturedAt: new Date(0).toISOString() })).toBe(true);
  });

  it('are forgotten, the oldest first', () => {
    const recent = createRecentResults(2);
    const results = [1, 2, 3].map((sequence) => resultOf('a', { sequence }));
    expect(results.map((result) => recent.isNew(result))).toEqual([true, true, true]);
    expect(recent.isNew(results[2]!)).toBe(false);
    expect(recent.isNew(results[1]!)).toBe(false);
    expect(recent.isNew(results[0]!)).toBe(true);
  });
});
