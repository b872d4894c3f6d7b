import { describe, expect, it } from '@jest/globals';
import { createKeyQueue, defaultQueuePolicy } from './key-queue.ts';
import type { QueuePolicy, WorkOutcome } from './key-queue.ts';

const done: WorkOutcome = { kind: 'done', againInMs: null, forget: false };
const failed: WorkOutcome = { kind: 'failed', retryAfterMs: 0 };

function queueWith(policy: Partial<QueuePolicy> = {}, random = () => 1) {
  return createKeyQueue({ ...defaultQueuePolicy, settleMs: 0, ...policy }, random);
}

describe('a queue of keys', () => {
  it('gives a key once, however often it was added', () => {
    const queue = queueWith();
    for (let n = 0; n < 3; n += 1) queue.add('a', n);
    expect([queue.take(2), queue.take(2)]).toEqual(['a', undefined]);
  });

  it('waits a moment for what else is heard', () => {
    const queue = queueWith({ settleMs: 50 });
    queue.add('a', 0);
    queue.add('a', 40);
    expect([queue.nextInMs(40), queue.take(49), queue.take(50)]).toEqual([10, undefined, 'a']);
  });

  it('never gives a key out that is being worked on, and gives it again if it was added meanwhile', () => {
    const queue = queueWith();
    queue.add('a', 0);
    expect(queue.take(0)).toBe('a');
    queue.add('a', 1);
    expect([queue.take(1), queue.nextInMs(1)]).toEqual([undefined, Infinity]);
    queue.end('a', done, 2);
    expect(queue.take(2)).toBe('a');
  });

  it('gives first what was due first', () => {
    const queue = queueWith({ settleMs: 10 });
    queue.add('late', 5);
    queue.add('early', 0);
    expect([queue.take(20), queue.take(20)]).toEqual(['early', 'late']);
  });

  it('waits twice as long after each failure of a key, up to a limit, and forgets that after a success', () => {
    const queue = queueWith({ backoffBaseMs: 100, backoffMaxMs: 400 });
    queue.add('a', 0);
    let nowMs = 0;
    const pauses = [failed, failed, failed, failed, done].map((outcome) => {
      expect(queue.take(nowMs)).toBe('a');
      queue.end('a', outcome, nowMs);
      const pauseMs = queue.nextInMs(nowMs);
      nowMs += pauseMs;
      return pauseMs;
    });
    expect(pauses).toEqual([100, 200, 400, 400, 720_000]);
    queue.take(nowMs);
    queue.end('a', failed, nowMs);
    expect(queue.nextInMs(nowMs)).toBe(100);
  });

  it('lets one key fail without holding up another', () => {
    const queue = queueWith({ backoffBaseMs: 10_000 });
    queue.add('bad', 0);
    queue.take(0);
    queue.end('bad', failed, 0);
    queue.add('good', 1);
    expect(queue.take(1)).toBe('good');
  });

  it('is brought forward by news of a key that failed, but not without a pause', () => {
    const queue = queueWith({ backoffBaseMs: 30_000, backoffEventMs: 1_000 });
    queue.add('a', 0);
    queue.take(0);
    queue.add('a', 1);
    queue.end('a', failed, 10);
    expect(queue.nextInMs(10)).toBe(1_000);
    queue.add('a', 20);
    expect([queue.take(1_009), queue.take(1_010)]).toEqual([undefined, 'a']);
  });

  it('waits as long as the server asks', () => {
    const queue = queueWith();
    queue.add('a', 0);
    queue.take(0);
    queue.end('a', { kind: 'failed', retryAfterMs: 5_000 }, 0);
    queue.add('a', 1);
    expect(queue.nextInMs(1)).toBe(4_999);
  });

  it('begins only so many a second', () => {
    const queue = queueWith({ startsPerSecond: 10, startsBurst: 3 });
    for (const key of 'abcdef') queue.add(key, 0);
    expect([0, 0, 0, 0].map((nowMs) => queue.take(nowMs))).toEqual(['a', 'b', 'c', undefined]);
    expect([queue.nextInMs(0), queue.depth(0)]).toEqual([100, 3]);
    expect([queue.take(99), queue.take(100), queue.take(100)]).toEqual([undefined, 'd', undefined]);
  });

  it('looks again when asked to, else at the resync, some sooner and some later', () => {
    const resyncInMs = (random: number) => {
      const queue = queueWith({ resyncMs: 1_000, resyncJitterRatio: 0.2 }, () => random);
      queue.add('a', 0);
      queue.take(0);
      queue.end('a', done, 0);
      return queue.nextInMs(0);
    };
    expect([resyncInMs(0), resyncInMs(0.5), resyncInMs(1)]).toEqual([800, 1_000, 1_200]);
    const queue = queueWith();
    queue.add('a', 0);
    queue.take(0);
    queue.end('a', { kind: 'done', againInMs: 300, forget: false }, 0);
    expect(queue.nextInMs(0)).toBe(300);
  });

  it('forgets a key of which nothing is left, unless it was heard of again', () => {
    const queue = queueWith();
    const forget: WorkOutcome = { kind: 'done', againInMs: null, forget: true };
    queue.add('a', 0);
    queue.take(0);
    queue.add('a', 0);
    queue.end('a', forget, 0);
    expect(queue.take(0)).toBe('a');
    queue.end('a', forget, 0);
    expect(queue.nextInMs(0)).toBe(Infinity);
  });
});
