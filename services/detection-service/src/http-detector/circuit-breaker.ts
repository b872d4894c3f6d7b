export type BreakerPolicy = {
  /** Failures in a row until nothing more is sent. */
  failuresMax: number;
  /** Pause before the first trial; after each trial that fails it is `pauseFactor` times longer, up to `pauseMaxMs`. */
  pauseMs: number;
  pauseFactor: number;
  pauseMaxMs: number;
  /** Share of a pause, 0–1, by which it is lengthened or shortened at random, so that many do not fall into step. */
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
 * Whether a service is asked at all. `closed`: yes. `open`: no, until `retryAtMs`. `half-open`: one request is on
 * its way and decides.
 */
export type BreakerState =
  | { kind: 'closed'; failures: number }
  | { kind: 'open'; sinceMs: number; openings: number; retryAtMs: number }
  | { kind: 'half-open'; sinceMs: number; openings: number };

export const closedBreaker: BreakerState = { kind: 'closed', failures: 0 };

/** What to do with a request now: `trial` is sent, and must be told of as such. */
export type Leave = 'send' | 'trial' | 'refuse';

export function askBreaker(state: BreakerState, nowMs: number): { state: BreakerState; leave: Leave } {
  switch (state.kind) {
    case 'closed':
      return { state, leave: 'send' };
    case 'half-open':
      return { state, leave: 'refuse' };
    case 'open':
      return nowMs < state.retryAtMs
        ? { state, leave: 'refuse' }
        : {
            state: { kind: 'half-open', sinceMs: state.sinceMs, openings: state.openings },
            leave: 'trial',
          };
  }
}

/** How a request ended. */
export type Ending = { answered: boolean; trial: boolean };

/**
 * The state after a request has ended. Where the service answers it is there, whichever request found out; a failure
 * of a request from before the pause says nothing new.
 *
 * @param random uniform in [0, 1)
 */
export function tellBreaker(
  state: BreakerState,
  { answered, trial }: Ending,
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
