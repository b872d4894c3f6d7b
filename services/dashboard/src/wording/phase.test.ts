import { describe, expect, it } from '@jest/globals';
import { streamFailureKindSchema } from '@camplane/contracts/camera-status';
import { sampleCamera, sampleStatus } from '../live/sample-camera.ts';
import {
  failureWording,
  notLiveReason,
  notPlayableReason,
  phaseWording,
  summaryText,
  viewerCount,
  viewersText,
} from './phase.ts';

describe('the words for a phase', () => {
  it('calls a running camera live and gives no reason', () => {
    expect(phaseWording(sampleStatus('a'))).toEqual({ label: 'Live', tone: 'good' });
    expect(notLiveReason(sampleStatus('a'))).toBeNull();
  });

  it('tells a first start from a reconnection', () => {
    expect(phaseWording(sampleStatus('a', { phase: 'STARTING' })).label).toBe('Starting');
    expect(phaseWording(sampleStatus('a', { phase: 'STARTING', restarts: 1 })).label).toBe('Reconnecting');
  });

  it('says in words why a camera failed', () => {
    const refused = sampleStatus('a', { phase: 'ERROR', reason: 'CredentialsRefused', message: '401' });
    expect(notLiveReason(refused)).toBe('The camera refused the user name or password.');
  });

  it('falls back on the server’s message for a reason it does not know', () => {
    const silent = sampleStatus('a', {
      phase: 'ERROR',
      reason: 'HeartbeatMissing',
      message: 'nothing was heard',
    });
    expect(notLiveReason(silent)).toBe('Nothing was heard.');
    expect(notLiveReason(sampleStatus('a', { phase: 'ERROR', reason: 'constructor', message: '' }))).toBe(
      'The camera does not work.',
    );
  });

  it('has words for every kind of failure', () => {
    for (const kind of streamFailureKindSchema.options) expect(failureWording(kind)).toMatch(/^[A-Z].*\.$/);
  });

  it('quotes the server on what browsers cannot play', () => {
    const condition = {
      type: 'BrowserPlayable' as const,
      status: 'False' as const,
      reason: 'UnsupportedCodec',
      message: 'H.265 in copy mode',
      lastTransitionTime: '2026-01-01T00:00:00.000Z',
      observedGeneration: 1,
    };
    expect(notPlayableReason(sampleStatus('a', { conditions: [condition] }))).toBe('H.265 in copy mode.');
    expect(notPlayableReason(sampleStatus('a'))).toBeNull();
  });
});

describe('the words for numbers', () => {
  it('counts viewers', () => {
    expect([0, 1, 2].map(viewersText)).toEqual(['0 viewers', '1 viewer', '2 viewers']);
  });

  it('counts this page’s player before the server reports it', () => {
    expect(viewerCount(undefined, false)).toBe(0);
    expect(viewerCount(sampleStatus('a', { viewerCount: 0 }), true)).toBe(1);
    expect(viewerCount(sampleStatus('a', { viewerCount: 1 }), true)).toBe(1);
    expect(viewerCount(sampleStatus('a', { viewerCount: 3 }), false)).toBe(3);
  });

  it('sums the cameras up', () => {
    const cameras = ['a', 'b', 'c'].map((id) => sampleCamera(id));
    const statuses = new Map([
      ['a', sampleStatus('a')],
      ['b', sampleStatus('b', { phase: 'ERROR' })],
    ]);
    expect(summaryText(cameras, statuses)).toBe('3 cameras · 1 live · 1 with errors');
  });
});
