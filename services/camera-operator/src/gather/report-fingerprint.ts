import type { CameraStatus } from '@camplane/contracts/camera-status';

/**
 * Changes when a report is worth a reconcile. Ignores times and numbers in messages. `isStatusChanged` decides later
 * whether it is worth a write.
 */
export function reportFingerprint(status: CameraStatus): string {
  const { phase, reason, message, restarts, video, conditions } = status;
  return JSON.stringify([
    ...[phase, reason, withoutNumbers(message), restarts],
    video && [video.codec, video.width, video.height, video.fps === null ? null : Math.round(video.fps)],
    conditions.map((condition) => [
      ...[condition.type, condition.status, condition.reason, withoutNumbers(condition.message)],
      condition.observedGeneration,
    ]),
  ]);
}

function withoutNumbers(message: string): string {
  return message.replace(/\d+/g, '0');
}
