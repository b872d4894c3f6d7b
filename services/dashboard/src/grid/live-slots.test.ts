import { describe, expect, it } from '@jest/globals';
import { createLiveSlots } from './live-slots.ts';

describe('live slots', () => {
  it('are granted in request order, up to the limit', () => {
    const slots = createLiveSlots(2);
    for (const name of ['a', 'b', 'c']) slots.request(name);
    expect(['a', 'b', 'c'].map(slots.has)).toEqual([true, true, false]);
  });

  it('pass to the longest waiting tile when released', () => {
    const slots = createLiveSlots(2);
    for (const name of ['a', 'b', 'c', 'd']) slots.request(name);
    slots.release('a');
    expect(['b', 'c', 'd'].map(slots.has)).toEqual([true, true, false]);
  });

  it('are taken from the latest holders when the limit falls, and granted again when it rises', () => {
    const slots = createLiveSlots(3);
    for (const name of ['a', 'b', 'c', 'd']) slots.request(name);
    slots.setLimit(1);
    expect(['a', 'b', 'c', 'd'].filter(slots.has)).toEqual(['a']);
    slots.setLimit(2);
    expect(['a', 'b', 'c', 'd'].filter(slots.has)).toEqual(['a', 'b']);
    expect([slots.limit(), slots.requested()]).toEqual([2, 4]);
  });

  it('are not taken from a playing tile for another', () => {
    const slots = createLiveSlots(1);
    slots.request('a');
    slots.request('b');
    slots.release('b');
    slots.request('b');
    expect(slots.has('a')).toBe(true);
  });

  it('count repeated requests once and notify of changes', () => {
    const slots = createLiveSlots(2);
    let changes = 0;
    slots.subscribe(() => (changes += 1));
    slots.request('a');
    slots.request('a');
    slots.release('x');
    expect(changes).toBe(1);
    slots.request('b');
    expect(slots.has('b')).toBe(true);
  });
});
