import type { CameraStatus } from '@camplane/contracts/camera-status';

/**
 * What of a report is worth looking at the camera for: two reports that differ only in what passes with time give
 * the same text. Whether it is worth writing is decided later, more carefully.
 */
export function newsOf(status: CameraStatus): string {
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
