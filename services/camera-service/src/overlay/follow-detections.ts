import { randomUUID } from 'node:crypto';
import { detectionsTopic } from '@camplane/contracts/topics';
import type { EventBus, Subscription } from '@camplane/event-bus/event-bus';
import type { WallClock } from '@camplane/runtime/clock';
import { CameraBoxes } from './camera-boxes.ts';
import type { DetectionBox } from './detection-boxes.ts';

/** What to draw on each camera's frames, from incoming detections. */
export type DetectionFollower = {
  /** The same array until a new result arrives. The first call starts the subscription. */
  boxes(cameraId: string): readonly DetectionBox[];
  close(): Promise<void>;
};

/**
 * Subscribes to detections once a camera draws boxes: a process whose cameras draw none reads nothing. Each process
 * has its own consumer group.
 */
export function followDetections(options: {
  bus: EventBus;
  log: { warn(fields: object, message: string): void };
  wallClock: WallClock;
}): DetectionFollower {
  const latest = new CameraBoxes();
  let subscription: Subscription | null = null;
  let subscribed = false;
  let closed = false;

  async function subscribe(): Promise<void> {
    try {
      const opened = await options.bus.subscribe(
        detectionsTopic,
        { group: `camera-service-boxes-${randomUUID()}`, maxPendingPerKey: 2 },
        ({ value }) => latest.update(value, options.wallClock.epochMs()),
      );
      if (closed) await opened.close();
      else subscription = opened;
    } catch (error) {
      if (!closed)
        options.log.warn({ err: error }, 'subscribing to detections failed, no boxes will be drawn');
    }
  }

  return {
    boxes(cameraId) {
      if (!subscribed) void subscribe();
      subscribed = true;
      return latest.of(cameraId);
    },
    async close() {
      closed = true;
      // While the broker is unreachable the subscription stays pending: closing the bus ends it.
      await subscription?.close();
    },
  };
}
