import { describe, expect, it } from '@jest/globals';
import { createOneAtATime } from './one-at-a-time.ts';

describe('one at a time', () => {
  it('runs tasks in order, also after a failed one', async () => {
    const inTurn = createOneAtATime(10);
    const order: string[] = [];
    const task = (name: string, turns: number) => async () => {
      order.push(`${name} begins`);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      order.push(`${name} ends`);
      if (name === 'b') throw new Error('b failed');
      return name;
    };
    const results = await Promise.allSettled([
      inTurn(task('a', 9)),
      inTurn(task('b', 1)),
      inTurn(task('c', 0)),
    ]);
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('refuses tasks above the limit, and accepts more once others are done', async () => {
    const inTurn = createOneAtATime(2);
    const waiting = [inTurn(async () => 1), inTurn(async () => 2)];
    await expect(inTurn(async () => 3)).rejects.toMatchObject({ kind: 'store-unavailable' });
    await Promise.all(waiting);
    await expect(inTurn(async () => 4)).resolves.toBe(4);
  });
});
