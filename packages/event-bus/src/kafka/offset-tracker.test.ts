import { describe, expect, it } from '@jest/globals';
import { OffsetTracker } from './offset-tracker.ts';

function trackerOf(first: number, last: number): OffsetTracker {
  const tracker = new OffsetTracker();
  for (let offset = first; offset <= last; offset++) tracker.take(offset);
  return tracker;
}

describe('offset tracker', () => {
  it('has nothing to commit before the first message', () => {
    expect(new OffsetTracker().uncommitted).toBeUndefined();
  });

  it('advances only over a consecutive prefix of finished messages', () => {
    const tracker = trackerOf(10, 14);
    tracker.done(12);
    tracker.done(11);
    expect(tracker.position).toBe(10);
    tracker.done(10);
    expect(tracker.position).toBe(13);
    tracker.done(14);
    expect(tracker.position).toBe(13);
    tracker.done(13);
    expect(tracker.position).toBe(15);
  });

  it('never passes an unfinished message, for any order of completion', () => {
    let seed = 7;
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    for (let round = 0; round < 200; round++) {
      const tracker = trackerOf(0, 29);
      const open = Array.from({ length: 30 }, (_, offset) => offset);
      let before = 0;
      while (open.length > 0) {
        const [offset] = open.splice(Math.floor(random() * open.length), 1);
        tracker.done(offset ?? -1);
        expect(tracker.position).toBe(open.length === 0 ? 30 : Math.min(...open));
        expect(tracker.position).toBeGreaterThanOrEqual(before);
        before = tracker.position ?? 0;
      }
    }
  });

  it('does not take a message twice', () => {
    const tracker = trackerOf(3, 5);
    tracker.done(4);
    expect([3, 4, 5, 6].map((offset) => tracker.take(offset))).toEqual([false, false, false, true]);
  });

  it('reports each offset for commit once', () => {
    const tracker = trackerOf(0, 1);
    expect(tracker.uncommitted).toBe(0);
    tracker.committed(0);
    expect(tracker.uncommitted).toBeUndefined();
    tracker.done(0);
    expect(tracker.uncommitted).toBe(1);
    tracker.committed(1);
    expect(tracker.uncommitted).toBeUndefined();
  });

  it('skips offsets that compaction removed', () => {
    const tracker = new OffsetTracker();
    tracker.take(2);
    tracker.take(7);
    tracker.skipTo(9);
    tracker.done(2);
    expect(tracker.position).toBe(7);
    tracker.done(7);
    expect(tracker.position).toBe(9);
  });

  it('drops messages that another member handled, and ignores its own late completion', () => {
    const tracker = trackerOf(0, 5);
    tracker.forgetBefore(4);
    expect(tracker.position).toBe(4);
    tracker.done(1);
    expect(tracker.position).toBe(4);
  });
});
