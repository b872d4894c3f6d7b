import type { Condition } from '@camplane/contracts/camera-status';
import type { StreamFacts } from './stream-facts.ts';

/** What a rule decides of a condition. */
export type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>;

/** A condition that needs live video, while the video is not live. */
export function notLive(failure: StreamFacts['run']['failure']): Verdict {
  if (failure) return { status: 'False', reason: failure.kind, message: failure.message };
  return { status: 'Unknown', reason: 'NotLive', message: 'The video is not live.' };
}
