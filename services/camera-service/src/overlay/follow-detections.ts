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
  let subscribing: Promise<Subscription | null> | null = null;

  async function subscribe(): Promise<Subscription | null> {
    try {
      return await options.bus.subscribe(
        detectionsTopic,
        { group: `camera-service-boxes-${randomUUID()}`, maxPendingPerKey: 2 },
        ({ value }) => latest.update(value, options.wallClock.epochMs()),
      );
    } catch (error) {
      options.log.warn({ err: error }, 'subscribing to detections failed, no boxes will be drawn');
      return null;
    }
  }

  return {
    boxes(cameraId) {
      subscribing ??= subscribe();
      return latest.of(cameraId);
    },
    async close() {
      const subscription = await subscribing;
      await subscription?.close();
    },
  };
}
