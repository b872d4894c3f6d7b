import type { CameraStatus, Condition } from './camera-status.ts';

/**
 * Whether a status reports more than a heartbeat. Times, uptime and the noise of the measured frame rate do not
 * count: they differ in every report of a camera that runs undisturbed.
 */
export function isStatusChange(before: CameraStatus | null | undefined, after: CameraStatus): boolean {
  if (!before) return true;
  return (
    JSON.stringify(lastingFields(before)) !== JSON.stringify(lastingFields(after)) ||
    isFrameRateChange(before.video?.fps, after.video?.fps)
  );
}

/** Whether two measured frame rates differ by more than a tenth and by more than one frame per second. */
export function isFrameRateChange(
  before: number | null | undefined,
  after: number | null | undefined,
): boolean {
  if (typeof before !== 'number' || typeof after !== 'number') return before !== after;
  return Math.abs(before - after) > Math.max(1, before / 10);
}

/** In a fixed order: a status from JSON has its fields in the order of its sender. */
function lastingFields(status: CameraStatus) {
  const { phase, reason, message, isRunning, restarts, nextAttemptTime, video, endpoints } = status;
  const { viewerCount, peerConnectionCount, streamType, conditions } = status;
  const addresses = ({ rtsp, hls, webrtc }: { rtsp: string; hls: string; webrtc: string }) => [
    rtsp,
    hls,
    webrtc,
  ];
  return [
    [phase, reason, message, isRunning, restarts, nextAttemptTime],
    [viewerCount, peerConnectionCount, streamType],
    video && [video.codec, video.width, video.height],
    [addresses(endpoints), endpoints.sub && addresses(endpoints.sub)],
    conditions.map(lastingConditionFields),
  ];
}

function lastingConditionFields({ type, status, reason, message, observedGeneration }: Condition) {
  return [type, status, reason, message, observedGeneration];
}
