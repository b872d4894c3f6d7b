import type { Clock } from '@camplane/runtime/clock';
import { WebSocket } from 'ws';
import type { StreamMetrics } from '../stream-metrics.ts';
import { advance, emptyWindow, offer, receive } from './send-window.ts';
import type { WindowStep } from './send-window.ts';
import type { StreamView } from './stream-view.ts';

/** Sends a client the latest pictures, at the pace at which it reads them. */
export type PictureSender = {
  /** A new picture exists. */
  offer(): void;
  /** A pong of the client. */
  received(count: number): void;
  /** Since when the client has received nothing of what it was sent; null if nothing is in flight. */
  waitingSinceMs(): number | null;
};

export function createPictureSender(
  socket: WebSocket,
  view: Pick<StreamView, 'latest'>,
  { metrics, clock }: { metrics: StreamMetrics; clock: Pick<Clock, 'now'> },
): PictureSender {
  let window = emptyWindow;
  const isDrained = (): boolean => socket.bufferedAmount === 0;

  function take({ window: next, send, dropped }: WindowStep): void {
    if (dropped) metrics.dropped.inc();
    const frame = send && socket.readyState === WebSocket.OPEN ? view.latest() : null;
    // The stream may have discarded its frames since.
    if (send && !frame) return;
    window = next;
    if (!frame) return;
    metrics.sent.inc();
    metrics.sentBytes.inc(frame.jpeg.length);
    socket.send(frame.jpeg, { binary: true });
    socket.ping(String(window.sent), undefined, sendWaiting);
  }

  function sendWaiting(): void {
    take(advance(window, isDrained(), clock.now()));
  }

  return {
    offer: () => take(offer(window, isDrained(), clock.now())),
    received(count) {
      window = receive(window, count, clock.now());
      sendWaiting();
    },
    waitingSinceMs: () => window.waitingSinceMs,
  };
}
