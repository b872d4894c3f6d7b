import { describe, expect, it } from '@jest/globals';
import type { CameraPhase } from '@camplane/contracts/camera-status';
import { camerasReadiness } from './cameras-readiness.ts';

const of = (...phases: CameraPhase[]) =>
  camerasReadiness(phases.map((phase, n) => ({ cameraId: `camera-${n}`, phase, message: 'Because.' })));

describe('camerasReadiness', () => {
  it('is ready while every camera is running, idle or stopped, and without cameras', () => {
    expect(of('RUNNING', 'IDLE', 'STOPPED', 'STOPPING')).toEqual({ ok: true });
    expect(of()).toEqual({ ok: true });
  });

  it('names the first failing camera, and counts the others', () => {
    expect(of('RUNNING', 'STARTING')).toEqual({ ok: false, reason: 'camera-1: Because.' });
    expect(of('ERROR', 'ERROR', 'STARTING')).toEqual({
      ok: false,
      reason: 'camera-0: Because. (and 2 more)',
    });
  });
});
