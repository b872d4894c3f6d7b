import { describe, expect, it } from '@jest/globals';
import { conditionalHeaders, retryAfterMs, snapshotIntervalMs } from './snapshot-feed.ts';

describe('requests for a picture', () => {
  it('follow the requested rate within limits', () => {
    expect([0.01, 0.5, 2, 30].map(snapshotIntervalMs)).toEqual([5000, 2000, 500, 200]);
  });

  it('are conditional if the camera gave validators', () => {
    expect(conditionalHeaders({ etag: null, lastModified: null })).toEqual({});
    expect(conditionalHeaders({ etag: '"a"', lastModified: 'Sun, 29 Nov 2026 10:00:00 GMT' })).toEqual({
      'If-None-Match': '"a"',
      'If-Modified-Since': 'Sun, 29 Nov 2026 10:00:00 GMT',
    });
  });

  it('wait as long as a busy camera asks, ten seconds at most', () => {
    const nowMs = Date.parse('2026-11-29T10:00:00Z');
    expect(retryAfterMs('3', nowMs)).toBe(3000);
    expect(retryAfterMs('Sun, 29 Nov 2026 10:00:05 GMT', nowMs)).toBe(5000);
    expect(retryAfterMs('Sun, 29 Nov 2026 09:00:05 GMT', nowMs)).toBe(0);
    expect(retryAfterMs('3600', nowMs)).toBe(10_000);
    expect(retryAfterMs('soon', nowMs)).toBeNull();
    expect(retryAfterMs(undefined, nowMs)).toBeNull();
  });
});
