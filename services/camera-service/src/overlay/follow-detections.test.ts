import { describe, expect, it } from '@jest/globals';
import type { EventBus, Subscription } from '@camplane/event-bus/event-bus';
import { followDetections } from './follow-detections.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A bus whose subscription opens when the test says so, as with a broker that is unreachable at first. */
function setUp() {
  const calls: string[] = [];
  let open = (): void => undefined;
  const bus = {
    subscribe: () => {
      calls.push('subscribe');
      const close = () => {
        calls.push('close');
        return Promise.resolve();
      };
      return new Promise<Subscription>((resolve) => {
        open = () => resolve({ close });
      });
    },
  } as unknown as EventBus;
  const log = { warn: (_fields: object, message: string) => void calls.push(message) };
  const detections = followDetections({ bus, log, wallClock: { epochMs: () => 0 } });
  return { calls, detections, open: () => open() };
}

describe('following detections', () => {
  it('subscribes with the first camera that draws boxes', () => {
    const { calls, detections } = setUp();
    expect(calls).toEqual([]);
    expect([detections.boxes('door'), detections.boxes('gate')]).toEqual([[], []]);
    expect(calls).toEqual(['subscribe']);
  });

  it('closes the subscription', async () => {
    const { calls, detections, open } = setUp();
    detections.boxes('door');
    open();
    await settle();
    await detections.close();
    expect(calls).toEqual(['subscribe', 'close']);
  });

  it('does not wait for a subscription that is still pending, and closes it later', async () => {
    const { calls, detections, open } = setUp();
    detections.boxes('door');
    await detections.close();
    expect(calls).toEqual(['subscribe']);
    open();
    await settle();
    expect(calls).toEqual(['subscribe', 'close']);
  });
});
