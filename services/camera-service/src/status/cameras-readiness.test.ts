import { describe, expect, it } from '@jest/globals';
import type { CameraPhase, Condition } from '@camplane/contracts/camera-status';
import { camerasReadiness } from './cameras-readiness.ts';

const of = (...cameras: [CameraPhase, Condition['status']][]) =>
  camerasReadiness(
    cameras.map(([phase, status], n) => ({
      ...{ cameraId: `camera-${n}`, phase },
      conditions: [
        {
          ...{ type: 'Ready', status, reason: 'X', message: 'Because.', observedGeneration: 1 },
          lastTransitionTime: '2026-11-21T12:00:00.000Z',
        },
      ],
    })),
  );

describe('camerasReadiness', () => {
  it('is ready while every camera is ready or stopped, and without cameras', () => {
    expect(of(['RUNNING', 'True'], ['IDLE', 'True'], ['STOPPED', 'False'], ['STOPPING', 'False'])).toEqual({
      ok: true,
    });
    expect(of()).toEqual({ ok: true });
  });

  it('is not ready while video flows that was not read yet', () => {
    expect(of(['RUNNING', 'False'])).toEqual({ ok: false, reason: 'camera-0: Because.' });
  });

  it('names the first failing camera, and counts the others', () => {
    expect(of(['ERROR', 'False'], ['ERROR', 'False'], ['STARTING', 'False'])).toEqual({
      ok: false,
      reason: 'camera-0: Because. (and 2 more)',
    });
  });
});
