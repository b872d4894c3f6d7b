import { describe, expect, it } from '@jest/globals';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { isStatusChange } from '@camplane/contracts/status-change';
import { endpointsOf } from '@camplane/mediamtx/viewer-addresses';
import { composeStatus } from './camera-status.ts';

function status(fps: number | null, nowMs = 1000, previous: CameraStatus['conditions'] = []): CameraStatus {
  return composeStatus({
    cameraId: 'door',
    facts: {
      detection: null,
      sub: null,
      nowMs,
      main: {
        reading: { isReadable: true, problem: null, browser: null },
        tapFailure: null,
        enabled: true,
        onDemand: false,
        hasDemand: true,
        mediaServerUp: true,
        announced: true,
        generation: 1,
        mode: 'copy',
        run: {
          phase: 'running',
          inError: false,
          failure: null,
          restarts: 0,
          runningSinceMs: 0,
          lastFrameMs: nowMs,
          nextAttemptMs: null,
        },
        source: { codec: 'h264', hasBFrames: null },
        missingSound: null,
        video: { codec: 'h264', width: 640, height: 360, fps },
      },
    },
    viewers: { total: 0, webrtc: 0, hls: 0 },
    endpoints: endpointsOf('door', false, { rtsp: 'rtsp://h', hls: 'http://h', webrtc: 'http://h' }),
    previous,
    epochMs: Date.parse('2026-11-21T12:00:00Z') + nowMs,
  });
}

describe('composeStatus', () => {
  it('differs only as heartbeats do while nothing changes', () => {
    const before = status(12.4);
    expect(isStatusChange(before, status(12.6, 9000, before.conditions))).toBe(false);
  });

  it('reports the frame rate when it is first known and when it changes', () => {
    expect(isStatusChange(status(null), status(15))).toBe(true);
    expect(isStatusChange(status(25), status(12))).toBe(true);
  });
});
