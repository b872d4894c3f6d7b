import { describe, expect, it } from '@jest/globals';
import { advance, emptyWindow, inFlightMax, offer, receive } from './send-window.ts';

/** A client that is offered frames without end and receives none. */
function stalled(frames: number) {
  let window = emptyWindow;
  let sent = 0;
  let dropped = 0;
  for (let frame = 0; frame < frames; frame++) {
    const step = offer(window, true, frame * 100);
    window = step.window;
    if (step.send) sent++;
    if (step.dropped) dropped++;
  }
  return { window, sent, dropped };
}

describe('a send window', () => {
  it('sends a client that receives nothing two frames', () => {
    expect(stalled(1)).toMatchObject({ sent: 1, dropped: 0 });
    expect(stalled(100)).toMatchObject({ sent: inFlightMax, dropped: 97 });
    expect(stalled(100).window.waitingSinceMs).toBe(0);
  });

  it('sends the latest frame once an earlier one was received', () => {
    const { window } = stalled(10);
    const received = receive(window, 1, 2000);
    expect(received).toMatchObject({ received: 1, waitingSinceMs: 2000 });
    const step = advance(received, true, 2000);
    expect(step).toMatchObject({ send: true, window: { sent: 3, isBehind: false } });
    expect(advance(step.window, true, 2000).send).toBe(false);
  });

  it('writes nothing while the socket is not drained', () => {
    const step = offer(emptyWindow, false, 0);
    expect(step).toMatchObject({ send: false, dropped: false });
    expect(advance(step.window, false, 0).send).toBe(false);
    expect(advance(step.window, true, 0).send).toBe(true);
  });

  it('ignores pongs for frames that were not sent, or were received before', () => {
    const { window } = stalled(2);
    for (const count of [3, 1e9, -1, 0, 0.5, NaN]) expect(receive(window, count, 1)).toBe(window);
    const all = receive(window, 2, 1);
    expect(all).toMatchObject({ received: 2, waitingSinceMs: null });
    expect(receive(all, 1, 1)).toBe(all);
  });
});
