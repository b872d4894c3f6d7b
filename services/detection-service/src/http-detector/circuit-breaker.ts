export type BreakerPolicy = {
  /** Consecutive failures that open the breaker. */
  failuresMax: number;
  /** Pause before the first trial. Each failed trial multiplies it by `pauseFactor`, up to `pauseMaxMs`. */
  pauseMs: number;
  pauseFactor: number;
  pauseMaxMs: number;
  /** Random fraction, 0–1, by which a pause is lengthened or shortened, so that clients do not synchronize. */
  jitterRatio: number;
};

export const defaultBreakerPolicy: BreakerPolicy = {
  failuresMax: 5,
  pauseMs: 1000,
  pauseFactor: 2,
  pauseMaxMs: 10_000,
  jitterRatio: 0.2,
};

/**
 * `closed`: requests are sent. `open`: none are sent until `retryAtMs`. `half-open`: one trial request is in flight and
 * decides.
 */
export type BreakerState =
  | { kind: 'closed'; failures: number }
  | { kind: 'open'; sinceMs: number; openings: number; retryAtMs: number }
  | { kind: 'half-open'; sinceMs: number; openings: number };

export const closedBreaker: BreakerState = { kind: 'closed', failures: 0 };

/** `trial`: send it, and report its result as a trial. */
export type Admission = 'send' | 'trial' | 'reject';

export function admitRequest(
  state: BreakerState,
  nowMs: number,
): { state: BreakerState; admission: Admission } {
  switch (state.kind) {
    case 'closed':
      return { state, admission: 'send' };
    case 'half-open':
      return { state, admission: 'reject' };
    case 'open':
      return nowMs < state.retryAtMs
        ? { state, admission: 'reject' }
        : {
            state: { kind: 'half-open', sinceMs: state.sinceMs, openings: state.openings },
            admission: 'trial',
          };
  }
}

/** The result of a request. */
export type RequestResult = { answered: boolean; trial: boolean };

/**
 * The state after a request. Any response closes the breaker; a failure of a request from before the pause is ignored.
 *
 * @param random uniform in [0, 1)
 */
export function recordResult(
  state: BreakerState,
  { answered, trial }: RequestResult,
  nowMs: number,
  policy: BreakerPolicy,
  random: () => number,
): BreakerState {
  if (answered) return closedBreaker;
  switch (state.kind) {
    case 'closed': {
      const failures = state.failures + 1;
      return failures < policy.failuresMax
        ? { kind: 'closed', failures }
        : opened(nowMs, 1, nowMs, policy, random);
    }
    case 'half-open':
      return trial ? opened(state.sinceMs, state.openings + 1, nowMs, policy, random) : state;
    case 'open':
      return state;
  }
}

function opened(
  sinceMs: number,
  openings: number,
  nowMs: number,
  policy: BreakerPolicy,
  random: () => number,
): BreakerState {
  const plainMs = policy.pauseMs * policy.pauseFactor ** Math.min(30, openings - 1);
  const jitter = 1 + policy.jitterRatio * (2 * random() - 1);
  const pauseMs = Math.min(policy.pauseMaxMs, Math.round(plainMs * jitter));
  return { kind: 'open', sinceMs, openings, retryAtMs: nowMs + pauseMs };
}
