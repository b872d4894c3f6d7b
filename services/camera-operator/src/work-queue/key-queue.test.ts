import { describe, expect, it } from '@jest/globals';
import { createKeyQueue, defaultQueuePolicy } from './key-queue.ts';
import type { QueuePolicy, WorkOutcome } from './key-queue.ts';

const done: WorkOutcome = { kind: 'done', requeueAfterMs: null, forget: false };
const failed: WorkOutcome = { kind: 'failed', retryAfterMs: 0 };

function queueWith(policy: Partial<QueuePolicy> = {}, random = () => 1) {
  return createKeyQueue({ ...defaultQueuePolicy, debounceMs: 0, ...policy }, random);
}

describe('the key queue', () => {
  it('returns a key once after repeated adds', () => {
    const queue = queueWith();
    for (let n = 0; n < 3; n += 1) queue.add('a', n);
    expect([queue.take(2), queue.take(2)]).toEqual(['a', undefined]);
  });

  it('debounces events', () => {
    const queue = queueWith({ debounceMs: 50 });
    queue.add('a', 0);
    queue.add('a', 40);
    expect([queue.nextInMs(40), queue.take(49), queue.take(50)]).toEqual([10, undefined, 'a']);
  });

  it('does not return a key in progress, and returns it again if added meanwhile', () => {
    const queue = queueWith();
    queue.add('a', 0);
    expect(queue.take(0)).toBe('a');
    queue.add('a', 1);
    expect([queue.take(1), queue.nextInMs(1)]).toEqual([undefined, Infinity]);
    queue.finish('a', done, 2);
    expect(queue.take(2)).toBe('a');
  });

  it('returns keys in due order', () => {
    const queue = queueWith({ debounceMs: 10 });
    queue.add('late', 5);
    queue.add('early', 0);
    expect([queue.take(20), queue.take(20)]).toEqual(['early', 'late']);
  });

  it('doubles the delay after each failure up to a limit, and resets it after a success', () => {
    const queue = queueWith({ backoffBaseMs: 100, backoffMaxMs: 400 });
    queue.add('a', 0);
    let nowMs = 0;
    const delays = [failed, failed, failed, failed, done].map((outcome) => {
      expect(queue.take(nowMs)).toBe('a');
      queue.finish('a', outcome, nowMs);
      const delayMs = queue.nextInMs(nowMs);
      nowMs += delayMs;
      return delayMs;
    });
    expect(delays).toEqual([100, 200, 400, 400, 720_000]);
    queue.take(nowMs);
    queue.finish('a', failed, nowMs);
    expect(queue.nextInMs(nowMs)).toBe(100);
  });

  it('does not delay other keys after a failure', () => {
    const queue = queueWith({ backoffBaseMs: 10_000 });
    queue.add('bad', 0);
    queue.take(0);
    queue.finish('bad', failed, 0);
    queue.add('good', 1);
    expect(queue.take(1)).toBe('good');
  });

  it('shortens the delay of a failed key on an event, down to a minimum', () => {
    const queue = queueWith({ backoffBaseMs: 30_000, backoffEventMs: 1_000 });
    queue.add('a', 0);
    queue.take(0);
    queue.add('a', 1);
    queue.finish('a', failed, 10);
    expect(queue.nextInMs(10)).toBe(1_000);
    queue.add('a', 20);
    expect([queue.take(1_009), queue.take(1_010)]).toEqual([undefined, 'a']);
  });

  it('respects retry-after', () => {
    const queue = queueWith();
    queue.add('a', 0);
    queue.take(0);
    queue.finish('a', { kind: 'failed', retryAfterMs: 5_000 }, 0);
    queue.add('a', 1);
    expect(queue.nextInMs(1)).toBe(4_999);
  });

  it('limits the rate', () => {
    const queue = queueWith({ startsPerSecond: 10, startsBurst: 3 });
    for (const key of 'abcdef') queue.add(key, 0);
    expect([0, 0, 0, 0].map((nowMs) => queue.take(nowMs))).toEqual(['a', 'b', 'c', undefined]);
    expect([queue.nextInMs(0), queue.depth(0)]).toEqual([100, 3]);
    expect([queue.take(99), queue.take(100), queue.take(100)]).toEqual([undefined, 'd', undefined]);
  });

  it('requeues on request, otherwise at the resync with jitter', () => {
    const resyncInMs = (random: number) => {
      const queue = queueWith({ resyncMs: 1_000, resyncJitterRatio: 0.2 }, () => random);
      queue.add('a', 0);
      queue.take(0);
      queue.finish('a', done, 0);
      return queue.nextInMs(0);
    };
    expect([resyncInMs(0), resyncInMs(0.5), resyncInMs(1)]).toEqual([800, 1_000, 1_200]);
    const queue = queueWith();
    queue.add('a', 0);
    queue.take(0);
    queue.finish('a', { kind: 'done', requeueAfterMs: 300, forget: false }, 0);
    expect(queue.nextInMs(0)).toBe(300);
  });

  it('forgets a deleted key unless it was added meanwhile', () => {
    const queue = queueWith();
    const forget: WorkOutcome = { kind: 'done', requeueAfterMs: null, forget: true };
    queue.add('a', 0);
    queue.take(0);
    queue.add('a', 0);
    queue.finish('a', forget, 0);
    expect(queue.take(0)).toBe('a');
    queue.finish('a', forget, 0);
    expect(queue.nextInMs(0)).toBe(Infinity);
  });
});
