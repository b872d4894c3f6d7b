import type { CameraConfig } from '@camplane/contracts/camera';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { heartbeatMissingAfterMs } from '@camplane/contracts/topics';

export type ReceivedStatus = { status: CameraStatus; receivedAtMs: number };

/**
 * The status to report for a camera, from its desired state and its last received status. Silence is measured by the
 * monotonic clock since reception: the clock of the sender may be wrong, and the wall clock jumps after a suspend.
 *
 * @param knownSinceMs monotonic time since which this process has the camera, or has it enabled
 */
export function effectiveStatus(
  camera: Pick<CameraConfig, 'id' | 'spec' | 'startRequestedAt' | 'credentialsProblem'>,
  knownSinceMs: number,
  received: ReceivedStatus | undefined,
  { nowMs, epochMs }: { nowMs: number; epochMs: number },
): CameraStatus {
  const { enabled } = camera.spec;
  if (enabled && camera.credentialsProblem !== undefined) {
    return {
      ...(received?.status ?? emptyStatus(camera.id, epochMs)),
      phase: 'ERROR',
      reason: 'CredentialsUnreadable',
      message: camera.credentialsProblem,
      isRunning: false,
    };
  }
  if (isHeartbeatMissing(camera, knownSinceMs, received, nowMs)) {
    return {
      ...(received?.status ?? emptyStatus(camera.id, epochMs)),
      phase: 'ERROR',
      reason: 'HeartbeatMissing',
      message: `No heartbeat for ${heartbeatMissingAfterMs / 1000} s: check that camera-service is running`,
      isRunning: false,
    };
  }
  if (!received) {
    return enabled
      ? {
          ...emptyStatus(camera.id, epochMs),
          phase: 'STARTING',
          reason: 'Starting',
          message: 'Waiting for camera-service',
        }
      : {
          ...emptyStatus(camera.id, epochMs),
          phase: 'STOPPED',
          reason: 'Disabled',
          message: 'The camera is disabled',
        };
  }
  const wasStartedSince =
    camera.startRequestedAt !== null &&
    Date.parse(camera.startRequestedAt) > Date.parse(received.status.lastHeartbeat);
  if (enabled && received.status.phase === 'STOPPED' && wasStartedSince) {
    return { ...received.status, phase: 'STARTING', reason: 'StartRequested', message: 'Start requested' };
  }
  return received.status;
}

/** Whether a camera that should run, or still runs, has sent nothing for 30 s (R3.3). */
export function isHeartbeatMissing(
  { spec }: Pick<CameraConfig, 'spec'>,
  knownSinceMs: number,
  received: ReceivedStatus | undefined,
  nowMs: number,
): boolean {
  const silentMs = nowMs - Math.max(received?.receivedAtMs ?? knownSinceMs, knownSinceMs);
  // A stopped camera sends no heartbeats.
  const isStopped = !spec.enabled && (received === undefined || received.status.phase === 'STOPPED');
  return silentMs >= heartbeatMissingAfterMs && !isStopped;
}

function emptyStatus(cameraId: string, epochMs: number): CameraStatus {
  return {
    cameraId,
    phase: 'STARTING',
    reason: '',
    message: '',
    isRunning: false,
    viewerCount: 0,
    peerConnectionCount: 0,
    streamType: null,
    uptimeSeconds: 0,
    lastFrameTime: null,
    lastHeartbeat: new Date(epochMs).toISOString(),
    restarts: 0,
    nextAttemptTime: null,
    video: null,
    conditions: [],
    endpoints: { rtsp: '', hls: '', webrtc: '', sub: null },
  };
}
