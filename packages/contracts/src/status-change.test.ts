import { describe, expect, it } from '@jest/globals';
import type { CameraStatus } from './camera-status.ts';
import { isFrameRateChange, isStatusChange } from './status-change.ts';

const status: CameraStatus = {
  cameraId: 'door',
  phase: 'RUNNING',
  reason: 'FramesFlowing',
  message: 'Video is live.',
  isRunning: true,
  viewerCount: 1,
  peerConnectionCount: 1,
  streamType: 'webrtc',
  uptimeSeconds: 60,
  lastFrameTime: '2026-01-01T00:00:00.000Z',
  lastHeartbeat: '2026-01-01T00:00:00.000Z',
  restarts: 0,
  nextAttemptTime: null,
  video: { codec: 'h264', width: 640, height: 360, fps: 12.4 },
  conditions: [
    {
      type: 'Ready',
      status: 'True',
      reason: 'FramesFlowing',
      message: 'Video is live.',
      lastTransitionTime: '2026-01-01T00:00:00.000Z',
      observedGeneration: 1,
    },
  ],
  endpoints: { rtsp: 'rtsp://h/door', hls: 'http://h/door', webrtc: 'http://h/door', sub: null },
};
const videoAt = (fps: number | null): Partial<CameraStatus> => ({
  video: { codec: 'h264', width: 640, height: 360, fps },
});

describe('isStatusChange', () => {
  it('ignores what differs in every heartbeat', () => {
    const later = '2026-01-01T00:01:00.000Z';
    const heartbeat = { uptimeSeconds: 120, lastFrameTime: later, lastHeartbeat: later, ...videoAt(12.6) };
    expect(isStatusChange(status, { ...status, ...heartbeat })).toBe(false);
  });

  it('ignores the order of fields', () => {
    const reversed = Object.fromEntries(Object.entries(status).toReversed()) as CameraStatus;
    expect(isStatusChange(status, reversed)).toBe(false);
  });

  it.each<[what: string, change: Partial<CameraStatus>]>([
    ['the phase', { phase: 'IDLE' }],
    ['the message', { message: 'Retrying in 5 s.' }],
    ['the viewers', { viewerCount: 2 }],
    ['the restarts', { restarts: 1 }],
    ['the next attempt', { nextAttemptTime: '2026-01-01T00:00:05.000Z' }],
    ['the video', { video: null }],
    ['the first frame rate', videoAt(null)],
    ['the frame rate', videoAt(25)],
    ['the endpoints', { endpoints: { ...status.endpoints, hls: 'http://other/door' } }],
    ['a condition', { conditions: [] }],
  ])('reports a change of %s', (_what, change) => {
    expect(isStatusChange(status, { ...status, ...change })).toBe(true);
  });

  it('reports the first status', () => {
    expect(isStatusChange(null, status)).toBe(true);
    expect(isStatusChange(undefined, status)).toBe(true);
  });
});

describe('isFrameRateChange', () => {
  it('ignores noise of a tenth, or of one frame per second', () => {
    expect(isFrameRateChange(25, 27.4)).toBe(false);
    expect(isFrameRateChange(2, 2.9)).toBe(false);
    expect(isFrameRateChange(25, 28)).toBe(true);
    expect(isFrameRateChange(2, 3.1)).toBe(true);
  });

  it('reports a rate that appears or disappears', () => {
    expect(isFrameRateChange(undefined, 25)).toBe(true);
    expect(isFrameRateChange(25, null)).toBe(true);
    expect(isFrameRateChange(null, null)).toBe(false);
  });
});
