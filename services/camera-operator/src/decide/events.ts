import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import type { CameraPlan } from '../plan.ts';
import type { Readiness } from './readiness.ts';
import { isExpected } from './reasons.ts';

type CameraEvent = CameraPlan['events'][number];

/** Events for a status transition; none for a lasting state. */
export function eventsOf(previous: CameraResourceStatus | null, readiness: Readiness): CameraEvent[] {
  const before = previous?.conditions?.find(({ type }) => type === 'Ready');
  const { status, reason, message } = readiness;
  if (before?.status === status && (status === 'True' || before.reason === reason)) return [];
  if (status === 'True') return [{ type: 'Normal', reason: 'Ready', message }];
  if (!isExpected(reason)) return [{ type: 'Warning', reason, message }];
  // A failure has its own event; a ready camera that stops has none yet.
  return before?.status === 'True' ? [{ type: 'Normal', reason, message }] : [];
}
