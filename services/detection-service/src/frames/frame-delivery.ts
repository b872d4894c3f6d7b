import type { DetectError } from '../workers/detect-error.ts';
import { isSameFrame } from './camera-states.ts';
import type { CameraState, FrameId } from './camera-states.ts';
import { classifyAge } from './frame-age.ts';

/** A frame whose worker was lost this often is the cause of it, and is not retried. */
const failuresMax = 3;

export type DeliveryPlan =
  /** Its result exists already; only publishing failed. */
  { type: 'publish' } | { type: 'skip'; outcome: 'stale' | 'future' } | { type: 'detect'; isRetry: boolean };

/** What to do with a frame that the bus delivers. It delivers a frame again after its handler threw. */
export function planDelivery(
  state: Pick<CameraState, 'unpublished' | 'failed'>,
  frame: FrameId,
  { epochMs, ageMaxMs }: { epochMs: number; ageMaxMs: number },
): DeliveryPlan {
  if (state.unpublished && isSameFrame(state.unpublished.frame, frame)) return { type: 'publish' };
  // At any age: a frame that crashes its workers must end as a dead letter.
  if (state.failed && isSameFrame(state.failed.frame, frame)) return { type: 'detect', isRetry: true };
  const age = classifyAge(frame.capturedAt, epochMs, ageMaxMs);
  return age === 'current' ? { type: 'detect', isRetry: false } : { type: 'skip', outcome: age };
}

export type FailurePlan =
  /** Too much to do: the next frame is worth more. */
  | { type: 'drop' }
  | { type: 'retry'; failed: NonNullable<CameraState['failed']> }
  | { type: 'reject'; failed: NonNullable<CameraState['failed']> };

export function planFailure(
  before: CameraState['failed'],
  { capturedAt, sequence }: FrameId,
  error: Pick<DetectError, 'kind' | 'isRetryable'>,
): FailurePlan {
  if (error.kind === 'overloaded') return { type: 'drop' };
  const frame = { capturedAt, sequence };
  const times = before && isSameFrame(before.frame, frame) ? before.times + 1 : 1;
  const failed = { frame, times };
  return { type: !error.isRetryable || times >= failuresMax ? 'reject' : 'retry', failed };
}
