import type { CameraStatus, Condition } from '@camplane/contracts/camera-status';
import { cameraStatusTopic } from '@camplane/contracts/topics';
import type { EventBus } from '@camplane/event-bus/event-bus';
import { randomUUID } from 'node:crypto';

/** The part of a camera's status that viewers receive. */
export type VideoStatus = Pick<CameraStatus, 'phase' | 'isRunning' | 'reason' | 'message'> & {
  /** The published video of the main stream; null until it is known. */
  video: { codec: string; width: number; height: number } | null;
  /** `SubStreamReady`; null without a sub stream. */
  sub: Pick<Condition, 'status' | 'reason'> | null;
};

/** The latest status of each camera, from the bus. */
export type StatusFollower = {
  /** Undefined until the first status: then pictures alone show whether the camera sends. */
  get(cameraId: string): VideoStatus | undefined;
  close(): Promise<void>;
};

const camerasMax = 10_000;

/** @param onChange called when a field of a {@link VideoStatus} has changed */
export async function followStatus(
  bus: Pick<EventBus, 'subscribe'>,
  onChange: (cameraId: string) => void,
): Promise<StatusFollower> {
  const statuses = new Map<string, VideoStatus>();
  // A separate group: each replica receives the status of every camera.
  const options = { group: `stream-proxy-status-${randomUUID()}`, fromBeginning: true };
  const subscription = await bus.subscribe(cameraStatusTopic, options, ({ key, value }) => {
    const status = videoStatusOf(value);
    if (JSON.stringify(status) === JSON.stringify(statuses.get(key))) return;
    if (statuses.size >= camerasMax && !statuses.has(key)) statuses.clear();
    statuses.set(key, status);
    onChange(key);
  });
  return { get: (cameraId) => statuses.get(cameraId), close: () => subscription.close() };
}

function videoStatusOf({ phase, isRunning, reason, message, video, conditions }: CameraStatus): VideoStatus {
  const sub = conditions.find(({ type }) => type === 'SubStreamReady');
  return {
    ...{ phase, isRunning, reason, message },
    video: video && { codec: video.codec, width: video.width, height: video.height },
    sub: sub ? { status: sub.status, reason: sub.reason } : null,
  };
}
