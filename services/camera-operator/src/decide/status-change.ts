import type { CameraResourceCondition, CameraResourceStatus } from '@camplane/contracts/camera-resource';
import { isFrameRateChange } from '@camplane/contracts/status-change';

/**
 * Whether a status says something new. It is not written for what passes with time or wobbles, so that a cluster in
 * which nothing happens has no writes; with other news it is written as it is then. Not news by itself are
 * `lastFrameTime`, a frame rate that moves by a tenth, other numbers in a message, and one restart among many.
 */
export function isNews(before: CameraResourceStatus | null, after: CameraResourceStatus): boolean {
  if (before === null) return true;
  return (
    JSON.stringify(lasting(before)) !== JSON.stringify(lasting(after)) ||
    isFrameRateChange(before.video?.fps, after.video?.fps) ||
    isMoreRestarts(before.restarts, after.restarts)
  );
}

function lasting(status: CameraResourceStatus) {
  const { phase, conditions, video, viewers, endpoints, node, observedGeneration } = status;
  return {
    ...{ phase, viewers, node, observedGeneration },
    endpoints: endpoints && [addresses(endpoints), endpoints.sub && addresses(endpoints.sub)],
    video: video && [video.codec, video.width, video.height, video.size],
    // The order of the fields is that of whoever wrote them.
    conditions: conditions?.map(lastingCondition),
  };
}

function addresses({ rtsp, hls, webrtc }: { rtsp: string; hls: string; webrtc: string }) {
  return [rtsp, hls, webrtc];
}

function lastingCondition(condition: CameraResourceCondition) {
  const { type, status, reason, message, observedGeneration, lastTransitionTime } = condition;
  // Process ids, ports, seconds and counts of nodes.
  return [type, status, reason, message.replace(/\d+/g, '0'), observedGeneration, lastTransitionTime];
}

/** A camera that fails for a week is not written thousands of times. */
function isMoreRestarts(before: number | undefined, after: number | undefined): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return after < before || after - before >= Math.max(1, before / 10);
}
