import type { StreamFailureKind } from '@camplane/contracts/camera-status';
import { backoffDelayMs } from './backoff.ts';
import type { RestartPolicy } from './restart-policy.ts';

export type Failure = { kind: StreamFailureKind; message: string };

/** Why a run is being ended from here: the first reason wins and is kept. */
export type StopReason = { then: 'stopped' } | { then: 'restart' } | { then: 'retry'; failure: Failure };

type Memory = {
  /** Failed runs in a row; forgotten after a minute of frames. */
  failures: number;
  /** The latest failure, until frames have flowed for a minute; null while all is well. */
  failure: Failure | null;
  /** Runs started again after a failure, since ever. */
  restarts: number;
  lastFrameMs: number | null;
  /** Smoothed time between two frames, over all runs since the last change of configuration; 0 if not known yet. */
  frameIntervalMs: number;
};

export type MachineState = Memory &
  (
    | { phase: 'stopped' }
    /** `startedMs` lies ahead while the run waits for its turn. */
    | { phase: 'starting'; startedMs: number }
    | { phase: 'running'; runningSinceMs: number; framesMs: number }
    | { phase: 'stopping'; reason: StopReason; hadFrames: boolean }
    | { phase: 'waiting'; untilMs: number }
  );

export type MachineEvent =
  | { type: 'startRequested' }
  | { type: 'stopRequested' }
  /** The configuration changed, or someone asked by hand: ends a pause and a latch, restarts what runs. */
  | { type: 'restartRequested' }
  /** The run waits for its turn among others: its deadline counts from then. */
  | { type: 'runDelayed'; delayMs: number }
  | { type: 'frames'; count: number }
  /** The run has ended, with all its processes; null: because it was told to. */
  | { type: 'runEnded'; failure: Failure | null }
  /** Time has passed. */
  | { type: 'tick' };

export type MachineEffect =
  | { type: 'run' }
  | { type: 'abortRun' }
  /** Frames came again after an interruption, or for the first time (`gapMs` null). */
  | { type: 'firstFrame'; afterMs: number; gapMs: number | null }
  | { type: 'restarted'; failure: Failure };

export type MachineStep = { state: MachineState; effects: MachineEffect[] };

export const initialState: MachineState = {
  phase: 'stopped',
  failures: 0,
  failure: null,
  restarts: 0,
  lastFrameMs: null,
  frameIntervalMs: 0,
};

/**
 * One step of the life of a supervised run. Pure: time and randomness come from outside, effects are told, not
 * done. Between two `run` effects there is always a `runEnded` event: there is never more than one run.
 */
export function transition(
  state: MachineState,
  event: MachineEvent,
  nowMs: number,
  policy: RestartPolicy,
  random: () => number,
): MachineStep {
  switch (event.type) {
    case 'startRequested':
      if (state.phase === 'stopped') return start(forget(state), nowMs);
      // Wanted again while it was being stopped: it starts anew when the old run has ended.
      if (state.phase === 'stopping' && state.reason.then === 'stopped') {
        return only({ ...forget(state), ...ending(state, { then: 'restart' }) });
      }
      return only(state);
    case 'stopRequested':
      return stop(state);
    case 'restartRequested':
      return restart(state, nowMs);
    case 'runDelayed':
      return only(state.phase === 'starting' ? { ...state, startedMs: nowMs + event.delayMs } : state);
    case 'frames':
      return frames(state, event.count, nowMs, policy);
    case 'runEnded':
      return runEnded(state, event.failure, nowMs, policy, random);
    case 'tick':
      return tick(state, nowMs, policy);
  }
}

/** When a `tick` is due at the latest; null if time changes nothing. */
export function nextTickMs(state: MachineState, policy: RestartPolicy): number | null {
  switch (state.phase) {
    case 'starting':
      return state.startedMs + policy.startDeadlineMs;
    case 'running':
      return (state.lastFrameMs ?? state.runningSinceMs) + stallAfterMs(state, policy);
    case 'waiting':
      return state.untilMs;
    case 'stopped':
    case 'stopping':
      return null;
  }
}

function start(state: Memory, nowMs: number): MachineStep {
  return { state: { ...memory(state), phase: 'starting', startedMs: nowMs }, effects: [{ type: 'run' }] };
}

function stop(state: MachineState): MachineStep {
  switch (state.phase) {
    case 'stopped':
      return only(state);
    case 'waiting':
      return only({ ...memory(state), phase: 'stopped' });
    case 'stopping':
      return only({ ...state, reason: { then: 'stopped' } });
    case 'starting':
    case 'running':
      return abort(state, { then: 'stopped' });
  }
}

function restart(state: MachineState, nowMs: number): MachineStep {
  switch (state.phase) {
    case 'stopped':
      return only(state);
    case 'waiting':
      return start(forget(state), nowMs);
    case 'stopping':
      return only(
        state.reason.then === 'stopped' ? state : { ...forget(state), ...ending(state, { then: 'restart' }) },
      );
    case 'starting':
    case 'running': {
      const { state: next, effects } = abort(state, { then: 'restart' });
      return { state: { ...next, failures: 0, failure: null, frameIntervalMs: 0 }, effects };
    }
  }
}

function frames(state: MachineState, count: number, nowMs: number, policy: RestartPolicy): MachineStep {
  if (count <= 0) return only(state);
  if (state.phase === 'starting') {
    const gapMs = state.lastFrameMs === null ? null : nowMs - state.lastFrameMs;
    return {
      state: {
        ...memory(state),
        phase: 'running',
        runningSinceMs: nowMs,
        framesMs: nowMs,
        lastFrameMs: nowMs,
      },
      effects: [{ type: 'firstFrame', afterMs: nowMs - state.startedMs, gapMs }],
    };
  }
  // Frames of a run that is being ended are of no interest.
  if (state.phase !== 'running') return only(state);
  const intervalMs = (nowMs - state.framesMs) / count;
  const smoothed = state.frameIntervalMs === 0 ? intervalMs : state.frameIntervalMs * 0.7 + intervalMs * 0.3;
  const healthy = nowMs - state.runningSinceMs >= policy.healthyAfterMs;
  return only({
    ...state,
    ...(healthy ? forget(state) : {}),
    lastFrameMs: nowMs,
    framesMs: nowMs,
    frameIntervalMs: smoothed,
  });
}

function runEnded(
  state: MachineState,
  failure: Failure | null,
  nowMs: number,
  policy: RestartPolicy,
  random: () => number,
): MachineStep {
  switch (state.phase) {
    case 'stopped':
    case 'waiting':
      return only(state);
    case 'stopping': {
      const { reason } = state;
      if (reason.then === 'stopped') {
        // What had frames when it was told to stop was well, though not yet for a minute.
        return only({ ...(state.hadFrames ? forget(state) : memory(state)), phase: 'stopped' });
      }
      if (reason.then === 'restart') return start(memory(state), nowMs);
      return retry(state, reason.failure, state.hadFrames, nowMs, policy, random);
    }
    case 'starting':
      return retry(state, failure ?? endedByItself, false, nowMs, policy, random);
    case 'running':
      return retry(state, failure ?? endedByItself, true, nowMs, policy, random);
  }
}

const endedByItself: Failure = { kind: 'Ended', message: 'The stream ended.' };

function retry(
  state: Memory,
  failure: Failure,
  hadFrames: boolean,
  nowMs: number,
  policy: RestartPolicy,
  random: () => number,
): MachineStep {
  const failures = state.failures + 1;
  // What was lost on this side says nothing against the camera: it is replaced at once, each time.
  const isOurs = failure.kind === 'Killed' || failure.kind === 'MediaServerUnavailable';
  const counted = isOurs && hadFrames ? 1 : failures;
  const delayMs =
    failure.kind === 'CredentialsRefused'
      ? policy.latchedDelayMs
      : backoffDelayMs(counted, hadFrames, policy, random);
  return {
    state: { ...memory(state), phase: 'waiting', untilMs: nowMs + delayMs, failures, failure },
    effects: [],
  };
}

function tick(state: MachineState, nowMs: number, policy: RestartPolicy): MachineStep {
  const dueMs = nextTickMs(state, policy);
  switch (state.phase) {
    case 'starting':
      if (dueMs === null || nowMs < dueMs) return only(state);
      return abort(state, {
        then: 'retry',
        failure: {
          kind: 'NoFirstFrame',
          message: `No video frame came within ${policy.startDeadlineMs / 1000} s.`,
        },
      });
    case 'running': {
      if (dueMs !== null && nowMs >= dueMs) {
        const silentMs = nowMs - (state.lastFrameMs ?? state.runningSinceMs);
        return abort(state, {
          then: 'retry',
          failure: { kind: 'Stalled', message: `No video frame came for ${(silentMs / 1000).toFixed(1)} s.` },
        });
      }
      return only(state);
    }
    case 'waiting': {
      if (nowMs < state.untilMs) return only(state);
      const { state: next, effects } = start({ ...state, restarts: state.restarts + 1 }, nowMs);
      return {
        state: next,
        effects: state.failure ? [...effects, { type: 'restarted', failure: state.failure }] : effects,
      };
    }
    case 'stopped':
    case 'stopping':
      return only(state);
  }
}

function abort(state: MachineState, reason: StopReason): MachineStep {
  // Why it is being ended is told at once, not only when it has ended.
  const failure = reason.then === 'retry' ? reason.failure : state.failure;
  return { state: { ...memory(state), failure, ...ending(state, reason) }, effects: [{ type: 'abortRun' }] };
}

function ending(state: MachineState, reason: StopReason) {
  const hadFrames = state.phase === 'running' || (state.phase === 'stopping' && state.hadFrames);
  return { phase: 'stopping', reason, hadFrames } as const;
}

/** A camera slower than the usual threshold has three of its own frame intervals, or it would never stay up. */
function stallAfterMs(state: Extract<MachineState, { phase: 'running' }>, policy: RestartPolicy): number {
  // Until a camera's second report the interval is unknown: the start deadline serves.
  if (state.frameIntervalMs === 0) return Math.max(policy.stallMinMs, policy.startDeadlineMs);
  return Math.max(policy.stallMinMs, policy.stallIntervals * state.frameIntervalMs);
}

function memory({ failures, failure, restarts, lastFrameMs, frameIntervalMs }: Memory): Memory {
  return { failures, failure, restarts, lastFrameMs, frameIntervalMs };
}

function forget(state: Memory): Memory {
  return { ...memory(state), failures: 0, failure: null };
}

function only(state: MachineState): MachineStep {
  return { state, effects: [] };
}
