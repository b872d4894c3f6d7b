import { describe, expect, it } from '@jest/globals';
import { detectionSchema } from '@camplane/contracts/camera';
import type { Frame } from '@camplane/contracts/frame';
import { createFrameQueue, framesPendingMax } from './frame-queue.ts';

function frame(sequence: number): Frame {
  return {
    jpeg: new Uint8Array([1]),
    width: 2,
    height: 2,
    sequence,
    capturedAt: 0,
    detection: detectionSchema.parse({}),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the frame queue', () => {
  it('publishes one frame after another, in order', async () => {
    const sent: number[] = [];
    const queue = createFrameQueue({
      publish: async ({ sequence }) => {
        await turn();
        sent.push(sequence);
      },
      onDropped: () => undefined,
    });
    for (let n = 0; n < 4; n++) queue.offer(frame(n));
    for (let n = 0; n < 10; n++) await turn();
    expect(sent).toEqual([0, 1, 2, 3]);
  });

  it('drops the oldest frames and counts them while the bus accepts nothing', async () => {
    let release = () => {};
    const taken = new Promise<void>((resolve) => (release = resolve));
    const sent: number[] = [];
    let dropped = 0;
    const queue = createFrameQueue({
      publish: ({ sequence }) => {
        sent.push(sequence);
        return taken;
      },
      onDropped: () => (dropped += 1),
    });
    for (let n = 0; n < 20; n++) queue.offer(frame(n));
    // The first is in flight; five of the other nineteen may wait.
    expect(dropped).toBe(19 - framesPendingMax);
    release();
    await turn();
    expect(sent).toEqual([0, 15, 16, 17, 18, 19]);
  });

  it('counts a refused frame, and publishes the next one', async () => {
    let dropped = 0;
    const sent: number[] = [];
    const queue = createFrameQueue({
      publish: ({ sequence }) => {
        sent.push(sequence);
        return sequence === 0 ? Promise.reject(new Error('unreachable')) : Promise.resolve();
      },
      onDropped: () => (dropped += 1),
    });
    queue.offer(frame(0));
    await turn();
    queue.offer(frame(1));
    await turn();
    expect({ sent, dropped }).toEqual({ sent: [0, 1], dropped: 1 });
  });
});
