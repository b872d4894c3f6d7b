import type { CameraConfig } from '@camplane/contracts/camera';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { heartbeatMissingAfterMs } from '@camplane/contracts/topics';

export type Heard = { status: CameraStatus; receivedAtMs: number };

/**
 * What to say about a camera, from what is wanted of it and what was last heard of it. Silence is
 * measured by the monotonic clock from arrival: the sender's clock may be wrong, and the wall clock jumps after a suspend.
 *
 * @param knownSinceMs when this process learned of the camera, or that it was switched on; monotonic
 */
export function effectiveStatus(
  camera: Pick<CameraConfig, 'id' | 'spec' | 'startRequestedAt'>,
  knownSinceMs: number,
  heard: Heard | undefined,
  { nowMs, epochMs }: { nowMs: number; epochMs: number },
): CameraStatus {
  const { enabled } = camera.spec;
  const silentMs = nowMs - Math.max(heard?.receivedAtMs ?? knownSinceMs, knownSinceMs);
  // A stopped camera that says nothing is still stopped.
  const isQuietByRight = !enabled && (heard === undefined || heard.status.phase === 'STOPPED');
  if (silentMs >= heartbeatMissingAfterMs && !isQuietByRight) {
    return {
      ...(heard?.status ?? unheard(camera.id, epochMs)),
      phase: 'ERROR',
      reason: 'HeartbeatMissing',
      message: `Nothing was heard of this camera for ${heartbeatMissingAfterMs / 1000} s: is camera-service running?`,
      isRunning: false,
    };
  }
  if (!heard) {
    return enabled
      ? {
          ...unheard(camera.id, epochMs),
          phase: 'STARTING',
          reason: 'Starting',
          message: 'Waiting for camera-service',
        }
      : {
          ...unheard(camera.id, epochMs),
          phase: 'STOPPED',
          reason: 'Disabled',
          message: 'The camera is switched off',
        };
  }
  const wasStartedSince =
    camera.startRequestedAt !== null &&
    Date.parse(camera.startRequestedAt) > Date.parse(heard.status.lastHeartbeat);
  if (enabled && heard.status.phase === 'STOPPED' && wasStartedSince) {
    return { ...heard.status, phase: 'STARTING', reason: 'StartRequested', message: 'A start was asked for' };
  }
  return heard.status;
}

function unheard(cameraId: string, epochMs: number): CameraStatus {
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
