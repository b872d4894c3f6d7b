import { describe, expect, it } from '@jest/globals';
import { jsonTopic } from '@camplane/contracts/topic';
import type { Topic } from '@camplane/contracts/topic';
import { z } from 'zod';
import { PublishQueue } from './publish-queue.ts';
import type { Outgoing } from './publish-queue.ts';

const topicOf = (name: string): Topic<unknown> =>
  jsonTopic({ name, schema: z.unknown(), compacted: false, maxBytes: 100 });
const [frames, others] = [topicOf('frames'), topicOf('others')];

function message(topic: Topic<unknown>, key: string, bytes = 10): Outgoing {
  const body = new Uint8Array(bytes);
  const nothing = () => undefined;
  const fate = { alone: false, settled: false, resolve: nothing, reject: nothing };
  return { topic, key, body, headers: {}, publishedAt: 0, ...fate };
}
const keys = (messages: Outgoing[]) => messages.map(({ key }) => key);

describe('publish queue', () => {
  it('limits each topic separately', () => {
    const queue = new PublishQueue({ maxMessages: 2, maxBytes: 1000 });
    expect(['a', 'b', 'c'].map((key) => queue.add(message(frames, key)))).toEqual([
      'queued',
      'queued',
      'full',
    ]);
    expect(queue.add(message(others, 'd'))).toBe('queued');
  });

  it('limits bytes, but accepts one larger message if the queue is empty', () => {
    const queue = new PublishQueue({ maxMessages: 10, maxBytes: 50 });
    expect(queue.add(message(frames, 'a', 60))).toBe('queued');
    expect(queue.add(message(frames, 'b', 1))).toBe('full');
    queue.takeBatch();
    expect(queue.add(message(frames, 'b', 1))).toBe('queued');
  });

  it('limits a batch to the maximum message size of the topic', () => {
    const queue = new PublishQueue({ maxMessages: 10, maxBytes: 1000 });
    for (const [key, bytes] of [
      ['a', 60],
      ['b', 40],
      ['c', 1],
      ['d', 100],
    ] as const) {
      queue.add(message(frames, key, bytes));
    }
    queue.add(message(others, 'x'));
    expect(keys(queue.takeBatch())).toEqual(['a', 'b', 'x']);
    expect(keys(queue.takeBatch())).toEqual(['c']);
    expect(keys(queue.takeBatch())).toEqual(['d']);
    expect(queue.length).toBe(0);
  });

  it('puts a batch back in order, before newer messages', () => {
    const queue = new PublishQueue({ maxMessages: 10, maxBytes: 1000 });
    for (const key of ['a', 'b']) queue.add(message(frames, key));
    const batch = queue.takeBatch();
    queue.add(message(frames, 'c'));
    queue.putBack(batch);
    expect(keys(queue.takeBatch())).toEqual(['a', 'b', 'c']);
  });

  it('returns a message marked alone as its own batch', () => {
    const queue = new PublishQueue({ maxMessages: 10, maxBytes: 1000 });
    for (const key of ['a', 'b', 'c']) queue.add(message(frames, key));
    queue.putBack(queue.takeBatch().map((entry) => Object.assign(entry, { alone: true })));
    queue.add(message(frames, 'd'));
    expect([1, 2, 3, 4].map(() => keys(queue.takeBatch()))).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  it('removes a message', () => {
    const queue = new PublishQueue({ maxMessages: 1, maxBytes: 1000 });
    const late = message(frames, 'a');
    queue.add(late);
    queue.remove(late);
    expect(queue.add(message(frames, 'b'))).toBe('queued');
    expect(keys(queue.takeBatch())).toEqual(['b']);
  });
});
