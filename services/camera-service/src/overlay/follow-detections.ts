import { randomUUID } from 'node:crypto';
import { detectionsTopic } from '@camplane/contracts/topics';
import type { EventBus, Subscription } from '@camplane/event-bus/event-bus';
import type { WallClock } from '@camplane/runtime/clock';
import { CameraBoxes } from './camera-boxes.ts';
import type { DetectionBox } from './detection-boxes.ts';

/** What to draw on each camera's picture, as detections come in. */
export type DetectionFollower = {
  /** The same array until there is something new. The first call begins to follow. */
  boxes(cameraId: string): readonly DetectionBox[];
  close(): Promise<void>;
};

/**
 * Follows detections from the moment in which some camera draws boxes: a process whose cameras draw none reads
 * nothing. A group of its own: each process draws for itself, and nobody waits for it.
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
        ({ value }) => latest.hear(value, options.wallClock.epochMs()),
      );
    } catch (error) {
      options.log.warn({ err: error }, 'detections cannot be followed: no boxes are drawn');
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
