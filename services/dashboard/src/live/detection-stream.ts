import type { ServerEvent } from '@camplane/contracts/events';

export type DetectionEvent = Extract<ServerEvent, { type: 'detection' }>;
/** `heardMs`: by the server's clock, in milliseconds since the epoch. */
export type DetectionListener = (event: DetectionEvent, heardMs: number) => void;

/**
 * Hands detections to those who follow a camera, or all of them. They are no part of the page's state: twenty a
 * second would draw the whole page twenty times.
 */
export type DetectionStream = {
  tell: DetectionListener;
  /** Of one camera, or of every camera for null. Ends with the function it returns. */
  follow: (cameraId: string | null, listener: DetectionListener) => () => void;
};

export function createDetectionStream(): DetectionStream {
  const followers = new Map<string | null, Set<DetectionListener>>();
  return {
    tell(event, heardMs) {
      for (const key of [event.cameraId, null]) {
        for (const listener of followers.get(key) ?? []) listener(event, heardMs);
      }
    },
    follow(cameraId, listener) {
      const listeners = followers.get(cameraId) ?? new Set();
      followers.set(cameraId, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && followers.get(cameraId) === listeners) followers.delete(cameraId);
      };
    },
  };
}
