import type { CameraStatus } from '@camplane/contracts/camera-status';

/** A status as camera-service sends it. */
export function statusOf(cameraId: string, changes: Partial<CameraStatus> = {}): CameraStatus {
  return {
    cameraId,
    phase: 'RUNNING',
    reason: 'FramesFlowing',
    message: '',
    isRunning: true,
    viewerCount: 0,
    peerConnectionCount: 0,
    streamType: null,
    uptimeSeconds: 1,
    lastFrameTime: null,
    lastHeartbeat: new Date().toISOString(),
    restarts: 0,
    nextAttemptTime: null,
    video: null,
    conditions: [],
    endpoints: { rtsp: 'rtsp://127.0.0.1:8554/x', hls: '', webrtc: '', sub: null },
    ...changes,
  };
}
