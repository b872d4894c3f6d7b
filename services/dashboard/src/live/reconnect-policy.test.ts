import { describe, expect, it } from '@jest/globals';
import { eventsReconnect, reconnectDelayMs } from './reconnect-policy.ts';

describe('the reconnect delay', () => {
  it('doubles up to its limit', () => {
    const longest = [1, 2, 3, 4, 5, 6, 100, 5000].map((n) => reconnectDelayMs(eventsReconnect, n, 0.999999));
    expect(longest).toEqual([1000, 2000, 4000, 8000, 15000, 15000, 15000, 15000]);
  });

  it('is at least half of that', () => {
    expect(reconnectDelayMs(eventsReconnect, 1, 0)).toBe(500);
    expect(reconnectDelayMs(eventsReconnect, 50, 0)).toBe(7500);
  });
});
