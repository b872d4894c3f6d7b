import { describe, expect, it } from '@jest/globals';
import { DetectError } from '../workers/detect-error.ts';
import { planDelivery, planFailure } from './frame-delivery.ts';

const frame = { capturedAt: 10_000, sequence: 1 };
const none = { unpublished: null, failed: null };
const at = (epochMs: number) => ({ epochMs, ageMaxMs: 2_000 });

describe('planDelivery', () => {
  it('runs detectors on a current frame and skips others', () => {
    expect(planDelivery(none, frame, at(12_000))).toEqual({ type: 'detect', isRetry: false });
    expect(planDelivery(none, frame, at(12_001))).toEqual({ type: 'skip', outcome: 'stale' });
    expect(planDelivery(none, frame, at(7_999))).toEqual({ type: 'skip', outcome: 'future' });
  });

  it('publishes a result that could not be published, without new detection', () => {
    const result = { cameraId: 'door' } as never;
    expect(planDelivery({ ...none, unpublished: { frame, result } }, frame, at(99_000))).toEqual({
      type: 'publish',
    });
  });

  it('retries a frame that failed, at any age', () => {
    const failed = { frame, times: 1 };
    expect(planDelivery({ ...none, failed }, frame, at(99_000))).toEqual({ type: 'detect', isRetry: true });
  });
});

describe('planFailure', () => {
  const lost = new DetectError('worker-lost', 'crashed');

  it('retries twice and then rejects', () => {
    const first = planFailure(null, frame, lost);
    expect(first).toEqual({ type: 'retry', failed: { frame, times: 1 } });
    const second = planFailure({ frame, times: 1 }, frame, lost);
    expect(second).toEqual({ type: 'retry', failed: { frame, times: 2 } });
    expect(planFailure({ frame, times: 2 }, frame, lost)).toMatchObject({ type: 'reject' });
  });

  it('counts the failures of each frame separately', () => {
    const other = { capturedAt: 9_000, sequence: 0 };
    expect(planFailure({ frame: other, times: 2 }, frame, lost)).toEqual({
      type: 'retry',
      failed: { frame, times: 1 },
    });
  });

  it('rejects an unreadable frame at once and drops one of an overloaded worker', () => {
    expect(planFailure(null, frame, new DetectError('unreadable', ''))).toMatchObject({ type: 'reject' });
    expect(planFailure(null, frame, new DetectError('overloaded', ''))).toEqual({ type: 'drop' });
  });
});
