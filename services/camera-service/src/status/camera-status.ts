import type { CameraStatus, Condition, Endpoints } from '@camplane/contracts/camera-status';
import { withTransitionTimes } from '@camplane/contracts/transition-times';
import { observeConditions } from './conditions.ts';
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
    conditions: withTransitionTimes(observeConditions(main), input.previous, now),
    endpoints: input.endpoints,
  };
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
