import type { CameraStatus, Condition, Endpoints } from '@camplane/contracts/camera-status';
import { withTransitionTimes } from '@camplane/contracts/transition-times';
import type { CameraFacts } from './camera-facts.ts';
import { observeConditions } from './conditions.ts';
import { phaseOf } from './phase.ts';

export type Viewers = { total: number; webrtc: number; hls: number };

/** The status of a camera, composed from the facts of its streams. Pure: the caller passes the time and the previous conditions. */
export function composeStatus(input: {
  cameraId: string;
  facts: CameraFacts;
  viewers: Viewers;
  endpoints: Endpoints;
  previous: readonly Condition[];
  /** The time of `facts.nowMs` by the wall clock. */
  epochMs: number;
}): CameraStatus {
  const { viewers, epochMs } = input;
  const { main, nowMs } = input.facts;
  const now = new Date(epochMs).toISOString();
  const dateOf = (ms: number, stepMs = 1) =>
    new Date(Math.round((epochMs - nowMs + ms) / stepMs) * stepMs).toISOString();
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
    lastFrameTime: run.lastFrameMs === null ? null : dateOf(run.lastFrameMs),
    lastHeartbeat: now,
    restarts: run.restarts,
    nextAttemptTime:
      // Whole seconds: the two clocks drift by milliseconds, and each would be a change of the status.
      run.phase === 'waiting' && run.nextAttemptMs !== null ? dateOf(run.nextAttemptMs, 1000) : null,
    video: main.video,
    conditions: withTransitionTimes(observeConditions(input.facts), input.previous, now),
    endpoints: input.endpoints,
  };
}
