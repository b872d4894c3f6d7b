import type { CameraResourceCondition, CameraResourceStatus } from '@camplane/contracts/camera-resource';
import { isFrameRateChange } from '@camplane/contracts/status-change';

/**
 * Whether a status is worth a write. Ignores `lastFrameTime`, frame rate changes of up to a tenth, numbers in messages and
 * single restarts among many, so that an idle cluster has no writes.
 */
export function isStatusChanged(before: CameraResourceStatus | null, after: CameraResourceStatus): boolean {
  if (before === null) return true;
  return (
    JSON.stringify(stableParts(before)) !== JSON.stringify(stableParts(after)) ||
    isFrameRateChange(before.video?.fps, after.video?.fps) ||
    isMoreRestarts(before.restarts, after.restarts)
  );
}

function stableParts(status: CameraResourceStatus) {
  const { phase, conditions, video, viewers, endpoints, node, observedGeneration } = status;
  return {
    ...{ phase, viewers, node, observedGeneration },
    endpoints: endpoints && [addresses(endpoints), endpoints.sub && addresses(endpoints.sub)],
    video: video && [video.codec, video.width, video.height, video.size],
    // Independent of the field order.
    conditions: conditions?.map(stableCondition),
  };
}

function addresses({ rtsp, hls, webrtc }: { rtsp: string; hls: string; webrtc: string }) {
  return [rtsp, hls, webrtc];
}

function stableCondition(condition: CameraResourceCondition) {
  const { type, status, reason, message, observedGeneration, lastTransitionTime } = condition;
  // Masks process ids, ports, seconds and node counts.
  return [type, status, reason, message.replace(/\d+/g, '0'), observedGeneration, lastTransitionTime];
}

/** A camera that fails for a week must not cause thousands of writes. */
function isMoreRestarts(before: number | undefined, after: number | undefined): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return after < before || after - before >= Math.max(1, before / 10);
}
