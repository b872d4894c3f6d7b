import type { PlayFailure } from './play-failure.ts';

/** Why a transport is not used, and when it is retried. `tries`: attempts beside another transport so far. */
export type Obstacle = { failure: PlayFailure; tries: number; retryAtMs: number };

/** An outage of what has worked is usually short. */
const retryFirstMs = { worked: 2_000, otherwise: 30_000 };
const retryMaxMs = 600_000;

/** Each retry is later than the one before. A codec rarely changes, a browser's features never do. */
export function obstacleOf(
  failure: PlayFailure,
  { tries, worked, nowMs }: { tries: number; worked: boolean; nowMs: number },
): Obstacle {
  const firstMs = worked ? retryFirstMs.worked : retryFirstMs.otherwise;
  const growingMs = Math.min(retryMaxMs, firstMs * 2 ** Math.min(tries, 10));
  const delayMs =
    failure.kind === 'unsupported' ? Infinity : failure.kind === 'codec' ? retryMaxMs : growingMs;
  return { failure, tries, retryAtMs: nowMs + delayMs };
}

export const unsupported: Obstacle = {
  failure: { kind: 'unsupported', detail: '' },
  tries: 0,
  retryAtMs: Infinity,
};

/** Failures that a retry does not fix soon. */
export function isLasting(failure: PlayFailure | undefined): boolean {
  return failure?.kind === 'unsupported' || failure?.kind === 'codec' || failure?.kind === 'limit';
}
