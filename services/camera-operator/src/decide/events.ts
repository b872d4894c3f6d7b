import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import type { CameraPlan } from '../plan.ts';
import type { Readiness } from './readiness.ts';
import { isOrdinary } from './reasons.ts';

type CameraEvent = CameraPlan['events'][number];

/** What is worth telling people of a change from one status to another: transitions, never a state that lasts. */
export function eventsOf(previous: CameraResourceStatus | null, readiness: Readiness): CameraEvent[] {
  const before = previous?.conditions?.find(({ type }) => type === 'Ready');
  const { status, reason, message } = readiness;
  if (before?.status === status && (status === 'True' || before.reason === reason)) return [];
  if (status === 'True') return [{ type: 'Normal', reason: 'Ready', message }];
  if (!isOrdinary(reason)) return [{ type: 'Warning', reason, message }];
  // What was wrong before has been told; that a ready camera is not so any more has not.
  return before?.status === 'True' ? [{ type: 'Normal', reason, message }] : [];
}
