import type { ServerEvent } from '@camplane/contracts/events';

export type DetectionEvent = Extract<ServerEvent, { type: 'detection' }>;
/** `receivedMs`: milliseconds since the epoch, by the server's clock. */
export type DetectionListener = (event: DetectionEvent, receivedMs: number) => void;

/**
 * Passes detection events to subscribers. They are not part of the page's state: twenty per second would render the
 * whole page twenty times.
 */
export type DetectionStream = {
  publish: DetectionListener;
  /** To one camera, or to all if null. The returned function unsubscribes. */
  subscribe: (cameraId: string | null, listener: DetectionListener) => () => void;
};

export function createDetectionStream(): DetectionStream {
  const subscribers = new Map<string | null, Set<DetectionListener>>();
  return {
    publish(event, receivedMs) {
      for (const key of [event.cameraId, null]) {
        for (const listener of subscribers.get(key) ?? []) listener(event, receivedMs);
      }
    },
    subscribe(cameraId, listener) {
      const listeners = subscribers.get(cameraId) ?? new Set();
      subscribers.set(cameraId, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && subscribers.get(cameraId) === listeners) subscribers.delete(cameraId);
      };
    },
  };
}
