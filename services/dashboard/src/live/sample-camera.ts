import type { Camera } from '@camplane/contracts/camera-http';
import { cameraSchema } from '@camplane/contracts/camera-http';
import type { CameraStatus, Condition } from '@camplane/contracts/camera-status';

/** A camera as the API returns it, for tests. */
export function sampleCamera(id: string, changes: Partial<Camera> = {}): Camera {
  return {
    ...cameraSchema.parse({
      id,
      displayName: '',
      source: { url: 'rtsp://192.0.2.10:554/stream1', hasCredentials: false },
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
    }),
    ...changes,
  };
}

/** The status of a running camera, for tests. */
export function sampleStatus(cameraId: string, changes: Partial<CameraStatus> = {}): CameraStatus {
  return {
    cameraId,
    phase: 'RUNNING',
    reason: 'FramesFlowing',
    message: 'Video is flowing',
    isRunning: true,
    viewerCount: 0,
    peerConnectionCount: 0,
    streamType: null,
    uptimeSeconds: 60,
    lastFrameTime: '2026-01-01T00:00:00.000Z',
    lastHeartbeat: '2026-01-01T00:00:00.000Z',
    restarts: 0,
    nextAttemptTime: null,
    video: { codec: 'h264', width: 1280, height: 720, fps: 25 },
    conditions: [],
    endpoints: {
      rtsp: `rtsp://127.0.0.1:8554/${cameraId}`,
      hls: `http://127.0.0.1:8888/${cameraId}/index.m3u8`,
      webrtc: `http://127.0.0.1:8889/${cameraId}`,
      sub: null,
    },
    ...changes,
  };
}

export function sampleCondition(
  type: Condition['type'],
  status: Condition['status'],
  message = 'Because.',
): Condition {
  return {
    ...{ type, status, reason: 'Sample', message, observedGeneration: 1 },
    lastTransitionTime: '2026-01-01T00:00:00.000Z',
  };
}
