import type { Clock } from '@camplane/runtime/clock';
import { WebSocket } from 'ws';
import type { LiveMetrics } from './live-metrics.ts';
import { emptyLiveWindow, hasRoom, received, sending } from './live-window.ts';

/** Sends a client the latest pictures of its cameras, at the pace at which it reads them. */
export type LiveSender = {
  /** A camera has a new picture. The camera that has waited for the longest is served first. */
  offer(cameraId: string): void;
  /** A pong of the client. */
  received(upTo: number): void;
  forget(cameraId: string): void;
  /** Since when the client has not read what it was sent; null if nothing is unread. */
  waitingSinceMs(): number | null;
};

export function createLiveSender(
  socket: WebSocket,
  pictureOf: (cameraId: string) => Buffer | null,
  { clock, metrics }: { clock: Pick<Clock, 'now'>; metrics: LiveMetrics },
): LiveSender {
  let window = emptyLiveWindow;
  let waitingSinceMs: number | null = null;
  /** Cameras with an unsent picture, the longest waiting first. */
  const waiting = new Set<string>();

  function sendWaiting(): void {
    for (const cameraId of waiting) {
      const picture = pictureOf(cameraId);
      if (picture && !hasRoom(window, picture.length)) return;
      waiting.delete(cameraId);
      if (picture && socket.readyState === WebSocket.OPEN) send(picture);
    }
  }

  function send(picture: Buffer): void {
    window = sending(window, picture.length, clock.now());
    waitingSinceMs ??= clock.now();
    metrics.sent.inc();
    socket.send(picture, { binary: true });
    socket.ping(String(window.sent));
  }

  return {
    offer(cameraId) {
      if (waiting.has(cameraId)) metrics.dropped.inc();
      waiting.add(cameraId);
      sendWaiting();
    },
    received(upTo) {
      const before = window;
      window = received(window, upTo, clock.now());
      if (window === before) return;
      waitingSinceMs = window.inFlight.length === 0 ? null : clock.now();
      sendWaiting();
    },
    forget: (cameraId) => void waiting.delete(cameraId),
    waitingSinceMs: () => waitingSinceMs,
  };
}
