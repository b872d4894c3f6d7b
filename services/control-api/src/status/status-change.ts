import type { CameraStatus } from '@camplane/contracts/camera-status';
import { isDeepStrictEqual } from 'node:util';

/** Whether two statuses differ in what a viewer would notice; otherwise the later one is a heartbeat. */
export function isNoticeable(before: CameraStatus | undefined, after: CameraStatus): boolean {
  return before === undefined || !isDeepStrictEqual(noticed(before), noticed(after));
}

function noticed(status: CameraStatus): unknown {
  const { phase, reason, conditions, viewerCount, endpoints, video } = status;
  // The measured rate moves a little with each report; whole frames a second are what is shown.
  const roundedVideo = video && { ...video, fps: video.fps === null ? null : Math.round(video.fps) };
  return { phase, reason, conditions, viewerCount, endpoints, video: roundedVideo };
}
