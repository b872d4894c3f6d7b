import type { CameraStatus, Condition, Endpoints } from '@camplane/contracts/camera-status';
import { mediaPath } from '@camplane/contracts/camera-id';
import type { ViewerAddresses } from '@camplane/mediamtx/viewer-addresses';
import { mergeConditions, observeConditions } from './conditions.ts';
import { phaseOf } from './phase.ts';
import type { StreamFacts } from './stream-facts.ts';

export type Viewers = { total: number; webrtc: number; hls: number };

/** The status of a camera from what was observed of its streams. Pure: the caller brings time and what came before. */
export function composeStatus(input: {
  cameraId: string;
  main: StreamFacts;
  viewers: Viewers;
  endpoints: Endpoints;
  previous: readonly Condition[];
  nowMs: number;
}): CameraStatus {
  const { main, viewers, nowMs } = input;
  const now = new Date(nowMs).toISOString();
  const { run } = main;
  const isRunning = run.phase === 'running';
  return {
    cameraId: input.cameraId,
    ...phaseOf(main),
    isRunning,
    viewerCount: viewers.total,
    peerConnectionCount: viewers.webrtc,
    streamType: viewers.webrtc + viewers.hls === 0 ? null : viewers.webrtc >= viewers.hls ? 'webrtc' : 'hls',
    uptimeSeconds:
      isRunning && run.runningSinceMs !== null
        ? Math.max(0, Math.round((nowMs - run.runningSinceMs) / 1000))
        : 0,
    lastFrameTime: isoOrNull(run.lastFrameMs),
    lastHeartbeat: now,
    restarts: run.restarts,
    nextAttemptTime: run.phase === 'waiting' ? isoOrNull(run.nextAttemptMs) : null,
    video: main.video,
    conditions: mergeConditions(input.previous, observeConditions(main), now),
    endpoints: input.endpoints,
  };
}

export function endpointsOf(cameraId: string, hasSub: boolean, addresses: ViewerAddresses): Endpoints {
  const of = (path: string) => ({
    rtsp: `${addresses.rtsp}/${path}`,
    hls: `${addresses.hls}/${path}/index.m3u8`,
    webrtc: `${addresses.webrtc}/${path}`,
  });
  return { ...of(mediaPath(cameraId, 'main')), sub: hasSub ? of(mediaPath(cameraId, 'sub')) : null };
}

/** Whether two statuses differ in more than what passes with time: then it is news, else a heartbeat. */
export function isNews(before: CameraStatus | null, after: CameraStatus): boolean {
  if (before === null) return true;
  const lasting = (status: CameraStatus) => ({
    ...status,
    lastFrameTime: null,
    lastHeartbeat: null,
    uptimeSeconds: null,
    video: status.video && { ...status.video, fps: null },
  });
  return (
    JSON.stringify(lasting(before)) !== JSON.stringify(lasting(after)) ||
    isOtherRate(before.video?.fps ?? null, after.video?.fps ?? null)
  );
}

/** The measured rate moves a little all the while, also around a half: that is no news. */
function isOtherRate(before: number | null, after: number | null): boolean {
  if (before === null || after === null) return before !== after;
  return Math.round(before) !== Math.round(after) && Math.abs(before - after) > 0.5;
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
