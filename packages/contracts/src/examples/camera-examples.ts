import type { Camera } from '../camera-http.ts';
import type { CameraStatus } from '../camera-status.ts';
import type { StoredDetection, StreamDetection } from '../detection.ts';
import type { Stream } from '../stream.ts';

/* Objects in the examples of operations: one camera, its status, stream and detections. Addresses are those of RFC 5737. */

export const cameraExample: Camera = {
  id: 'front-door',
  displayName: 'Front door',
  description: '',
  enabled: true,
  labels: { floor: 'ground' },
  source: {
    url: 'rtsp://192.0.2.10:554/stream1',
    subUrl: 'rtsp://192.0.2.10:554/stream2',
    transport: 'tcp',
    hasCredentials: true,
  },
  video: { mode: 'copy', overlay: { timestamp: true, boxes: true, privacyMasks: [] } },
  audio: { enabled: false },
  lifecycle: { start: 'Always', idleSeconds: 30 },
  frames: { fps: 2, width: 640, quality: 80 },
  detection: { enabled: true, detectors: ['motion', 'person'], minConfidence: 0.5, zones: [] },
  homekit: { enabled: false },
  createdAt: '2026-11-20T08:00:00.000Z',
  updatedAt: '2026-11-20T08:00:00.000Z',
};

export const statusExample: CameraStatus = {
  cameraId: 'front-door',
  phase: 'RUNNING',
  reason: 'FramesFlowing',
  message: 'Video is live.',
  isRunning: true,
  viewerCount: 1,
  peerConnectionCount: 1,
  streamType: 'webrtc',
  uptimeSeconds: 3600,
  lastFrameTime: '2026-11-21T13:36:51.123Z',
  lastHeartbeat: '2026-11-21T13:36:51.301Z',
  restarts: 0,
  nextAttemptTime: null,
  video: { codec: 'h264', width: 1920, height: 1080, fps: 15 },
  conditions: [
    {
      type: 'Ready',
      status: 'True',
      reason: 'FramesFlowing',
      message: 'Video is live.',
      lastTransitionTime: '2026-11-21T12:36:51.123Z',
      observedGeneration: 1,
    },
  ],
  endpoints: {
    rtsp: 'rtsp://127.0.0.1:8554/front-door',
    hls: 'http://127.0.0.1:8888/front-door/index.m3u8',
    webrtc: 'http://127.0.0.1:8889/front-door/whep',
    sub: null,
  },
};

export const streamExample: Stream = {
  id: 'front-door',
  name: 'Front door',
  rtspUrl: 'rtsp://192.0.2.10:554/stream1',
  status: 'RUNNING',
  detectionEnabled: true,
  fps: 2,
  lastHeartbeat: '2026-11-21T13:36:51.123Z',
  createdAt: '2026-11-20T08:00:00.000Z',
  updatedAt: '2026-11-20T08:00:00.000Z',
};

export const detectionExample: StoredDetection = {
  id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  cameraId: 'front-door',
  detector: 'person',
  label: 'person',
  confidence: 0.83,
  boundingBox: { x: 0.41, y: 0.22, width: 0.12, height: 0.5 },
  trackId: 'f47ac10b-58cc-4372-a567-0e02b2c3d479',
  capturedAt: '2026-11-21T13:36:51.123Z',
  sequence: 1042,
  frame: { width: 640, height: 360 },
  imagePath: '/api/v1/detections/7c9e6679-7425-40de-944b-e07fc1f90ae7/image',
};

export const streamDetectionExample: StreamDetection = {
  id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  streamId: 'front-door',
  label: 'person',
  confidence: 0.83,
  boundingBox: { x: 0.41, y: 0.22, width: 0.12, height: 0.5 },
  timestamp: '2026-11-21T13:36:51.123Z',
  imagePath: '/api/v1/detections/screenshot/front-door/2026-11-21-133651.123-1042.jpg',
  metadata: {
    detector: 'person',
    trackId: 'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    sequence: 1042,
    frame: { width: 640, height: 360 },
  },
};

export const cursorExample = 'MSAxNzk1MjY4MjExMTIzIDdjOWU2Njc5LTc0MjUtNDBkZS05NDRiLWUwN2ZjMWY5MGFlNw';
export const pageExample = { limit: 20, cursor: cursorExample };
