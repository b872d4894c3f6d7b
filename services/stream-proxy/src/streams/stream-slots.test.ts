import { describe, expect, it } from '@jest/globals';
import { acquire, expire, idleMaxMs, nextExpiryMs, release } from './stream-slots.ts';
import type { Slots } from './stream-slots.ts';

const none: Slots = new Map();

/** Acquires the keys in turn; each step's effects in short. */
function run(steps: (['+' | '-', string, number] | ['tick', number])[], max = 2) {
  let slots = none;
  const effects = steps.map((step) => {
    const taken =
      step[0] === 'tick'
        ? expire(slots, step[1])
        : step[0] === '+'
          ? acquire(slots, step[1], max)
          : release(slots, step[1], step[2]);
    if (!taken) return 'refused';
    slots = taken.slots;
    return taken.effects.map(({ type, key }) => `${type} ${key}`).join(', ');
  });
  return { slots, effects };
}

describe('stream slots', () => {
  it('start a stream for its first client and share it', () => {
    const { slots, effects } = run([
      ['+', 'a', 0],
      ['+', 'a', 1],
    ]);
    expect(effects).toEqual(['start a', '']);
    expect(slots.get('a')).toEqual({ clients: 2, idleSinceMs: null });
  });

  it('stop it ten seconds after its last client, not for one who returns', () => {
    const { effects } = run([
      ['+', 'a', 0],
      ['-', 'a', 1000],
      ['tick', 1000 + idleMaxMs - 1],
      ['+', 'a', 11_000],
      ['tick', 60_000],
      ['-', 'a', 60_000],
      ['tick', 60_000 + idleMaxMs],
    ]);
    expect(effects).toEqual(['start a', '', '', '', '', '', 'stop a']);
  });

  it('refuse one more than the limit while all have clients', () => {
    const { slots, effects } = run([
      ['+', 'a', 0],
      ['+', 'b', 0],
      ['+', 'c', 0],
      ['+', 'b', 0],
    ]);
    expect(effects).toEqual(['start a', 'start b', 'refused', '']);
    expect([...slots.keys()]).toEqual(['a', 'b']);
  });

  it('replace the stream that was idle for the longest at the limit', () => {
    const { effects } = run([
      ['+', 'a', 0],
      ['+', 'b', 0],
      ['-', 'b', 10],
      ['-', 'a', 20],
      ['+', 'c', 30],
    ]);
    expect(effects.at(-1)).toBe('stop b, start c');
  });

  it('know when the next one expires', () => {
    expect(nextExpiryMs(none)).toBeNull();
    const { slots } = run([
      ['+', 'a', 0],
      ['+', 'b', 0],
      ['-', 'b', 10],
    ]);
    expect(nextExpiryMs(slots)).toBe(10 + idleMaxMs);
    expect(release(none, 'a', 0).slots).toBe(none);
  });
});
