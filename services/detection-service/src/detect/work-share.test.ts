import { describe, expect, it } from '@jest/globals';
import { createWorkShare } from './work-share.ts';

/** Cameras that want to search in every frame. Returns the searches of each in a minute. */
function searches(cameras: number, intervalMs: number, costMs: number): number[] {
  const share = createWorkShare();
  const turns = Array.from({ length: cameras }, () => ({ turn: share.join(), done: 0, wantsMs: 0 }));
  for (let nowMs = 0; nowMs < 60_000;) {
    const next = turns.reduce((a, b) => (b.wantsMs < a.wantsMs ? b : a));
    nowMs = Math.max(nowMs, next.wantsMs);
    next.wantsMs += intervalMs;
    if (!next.turn.isDue(nowMs)) continue;
    nowMs += costMs;
    next.turn.done(nowMs, costMs);
    next.done += 1;
  }
  return turns.map(({ done }) => done);
}

describe('createWorkShare', () => {
  it('lets a single camera search for half of the time', () => {
    expect(searches(1, 500, 100)[0]).toBeGreaterThanOrEqual(120);
  });

  it('limits all cameras together, and treats them equally', () => {
    const done = searches(20, 500, 100);
    const sum = done.reduce((a, b) => a + b, 0);
    expect(sum * 100).toBeLessThan(0.55 * 60_000);
    expect(sum * 100).toBeGreaterThan(0.3 * 60_000);
    expect(Math.min(...done)).toBeGreaterThan(0.5 * Math.max(...done));
  });

  it('does not count cameras that left', () => {
    const share = createWorkShare();
    const [stays, leaves] = [share.join(), share.join()];
    stays.isDue(0);
    leaves.isDue(0);
    leaves.leave();
    stays.done(100, 100);
    expect(stays.isDue(200)).toBe(true);
  });
});
