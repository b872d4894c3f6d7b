import { describe, expect, it } from '@jest/globals';
import { streamFailureKindSchema } from '@camplane/contracts/camera-status';
import { sampleCamera, sampleCondition, sampleStatus } from '../live/sample-camera.ts';
import {
  failureWording,
  isFirstStart,
  notDetectedReason,
  notLiveReason,
  notPlayableReason,
  phaseWording,
  summaryText,
  viewerCount,
  viewersText,
} from './phase.ts';

describe('phase texts', () => {
  it('show a running camera as live without a reason', () => {
    expect(phaseWording(sampleStatus('a'))).toEqual({ label: 'Live', tone: 'good' });
    expect(notLiveReason(sampleStatus('a'))).toBeNull();
  });

  it('distinguish the first start from a reconnect', () => {
    expect(phaseWording(sampleStatus('a', { phase: 'STARTING' })).label).toBe('Starting');
    expect(phaseWording(sampleStatus('a', { phase: 'STARTING', restarts: 1 })).label).toBe('Reconnecting');
  });

  it('describe why a camera failed', () => {
    const refused = sampleStatus('a', { phase: 'ERROR', reason: 'CredentialsRefused', message: '401' });
    expect(notLiveReason(refused)).toBe('The camera refused the user name or password.');
  });

  it('use the server’s message for an unknown reason', () => {
    const unhealthy = sampleStatus('a', {
      phase: 'ERROR',
      reason: 'HeartbeatMissing',
      message: 'no heartbeat for 30 s',
    });
    expect(notLiveReason(unhealthy)).toBe('No heartbeat for 30 s.');
    expect(notLiveReason(sampleStatus('a', { phase: 'ERROR', reason: 'constructor', message: '' }))).toBe(
      'The camera failed.',
    );
  });

  it('exist for every failure kind', () => {
    for (const kind of streamFailureKindSchema.options) expect(failureWording(kind)).toMatch(/^[A-Z].*\.$/);
  });

  it('quote the server when browsers cannot play the video', () => {
    const conditions = [sampleCondition('BrowserPlayable', 'False', 'H.265 in copy mode')];
    expect(notPlayableReason(sampleStatus('a', { conditions }))).toBe('H.265 in copy mode.');
    expect(notPlayableReason(sampleStatus('a'))).toBeNull();
  });

  it('quote the server when frames of a live camera do not reach detection', () => {
    const conditions = [sampleCondition('FramesDelivered', 'False', 'The event bus accepts no frames.')];
    expect(notDetectedReason(sampleStatus('a', { conditions }))).toBe('The event bus accepts no frames.');
    expect(notDetectedReason(sampleStatus('a', { conditions, phase: 'ERROR' }))).toBeNull();
    expect(notDetectedReason(sampleStatus('a'))).toBeNull();
  });
});

describe('isFirstStart', () => {
  it('is true until the first frame or restart', () => {
    const starting = { phase: 'STARTING', lastFrameTime: null } as const;
    expect(isFirstStart(sampleStatus('a', starting))).toBe(true);
    expect(isFirstStart(sampleStatus('a', { ...starting, restarts: 1 }))).toBe(false);
    expect(isFirstStart(sampleStatus('a', { phase: 'STARTING' }))).toBe(false);
    expect(isFirstStart(sampleStatus('a', { ...starting, phase: 'ERROR' }))).toBe(false);
  });
});

describe('counts', () => {
  it('show viewers', () => {
    expect([0, 1, 2].map(viewersText)).toEqual(['0 viewers', '1 viewer', '2 viewers']);
  });

  it('include this page’s player before the server reports it', () => {
    expect(viewerCount(undefined, false)).toBe(0);
    expect(viewerCount(sampleStatus('a', { viewerCount: 0 }), true)).toBe(1);
    expect(viewerCount(sampleStatus('a', { viewerCount: 1 }), true)).toBe(1);
    expect(viewerCount(sampleStatus('a', { viewerCount: 3 }), false)).toBe(3);
  });

  it('summarise the cameras', () => {
    const cameras = ['a', 'b', 'c'].map((id) => sampleCamera(id));
    const statuses = new Map([
      ['a', sampleStatus('a')],
      ['b', sampleStatus('b', { phase: 'ERROR' })],
    ]);
    expect(summaryText(cameras, statuses)).toBe('3 cameras · 1 live · 1 with errors');
  });
});
