import type { StreamFailureKind } from '@camplane/contracts/camera-status';
import { backoffDelayMs } from './backoff.ts';
import type { RestartPolicy } from './restart-policy.ts';

export type Failure = { kind: StreamFailureKind; message: string };

/** Why the supervisor is ending a run. The first reason wins. */
export type StopReason = { then: 'stopped' } | { then: 'restart' } | { then: 'retry'; failure: Failure };

type Memory = {
  /** Failed runs in a row; reset after a minute of frames. */
  failures: number;
  /** The latest failure; null once frames have flowed for a minute. */
  failure: Failure | null;
  /** Restarts after a failure, in total. */
  restarts: number;
  lastFrameMs: number | null;
  /** Learned since the last change of configuration. */
  learned: LearnedTimes;
};

type LearnedTimes = {
  /** How long a start may take; 0 until a start was too slow, or a success is known. */
  startMs: number;
  /** The longest time between two reports of frames, fading; 0 until known. */
  gapMs: number;
  /** Stalls in a row. */
  stalls: number;
};

export type MachineState = Memory &
  (
    | { phase: 'stopped' }
    /** `startedMs` is in the future while the run waits for the start budget. */
    | { phase: 'starting'; startedMs: number; activeMs: number }
    | { phase: 'running'; runningSinceMs: number; reports: number }
    | { phase: 'stopping'; reason: StopReason; hadFrames: boolean }
    | { phase: 'waiting'; untilMs: number }
  );

export type MachineEvent =
  | { type: 'startRequested' }
  | { type: 'stopRequested' }
  /** The configuration changed, or a user requested it: ends a delay or a latch, restarts a current run. */
  | { type: 'restartRequested' }
  /** The start budget delays the run; its start deadline begins after the delay. */
  | { type: 'runDelayed'; delayMs: number }
  | { type: 'frames'; count: number }
  /** The run makes progress towards its first frame. */
  | { type: 'activity' }
  /** The run and all its processes have ended; null: because the supervisor ended it. */
  | { type: 'runEnded'; failure: Failure | null }
  /** Time has passed. */
  | { type: 'tick' };

export type MachineEffect =
  | { type: 'run' }
  | { type: 'abortRun' }
  /** The first frame of a run; `gapMs` since the last frame of an earlier run, null for the first run. */
  | { type: 'firstFrame'; afterMs: number; gapMs: number | null }
  | { type: 'restarted'; failure: Failure };

export type MachineStep = { state: MachineState; effects: MachineEffect[] };

const nothingLearned: LearnedTimes = { startMs: 0, gapMs: 0, stalls: 0 };

export const initialState: MachineState = {
  phase: 'stopped',
  failures: 0,
  failure: null,
  restarts: 0,
  lastFrameMs: null,
  learned: nothingLearned,
};

/**
 * The next state of a supervised run, and the effects to perform. Pure. Between two `run` effects there is always a
 * `runEnded` event, so there is never more than one run.
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
      if (state.phase === 'stopped') return start(withoutFailures(state), nowMs);
      // Requested again while stopping: restart once the old run has ended.
      if (state.phase === 'stopping' && state.reason.then === 'stopped') {
        return noEffects({ ...withoutFailures(state), ...ending(state, { then: 'restart' }) });
      }
      return noEffects(state);
    case 'stopRequested':
      return stop(state);
    case 'restartRequested':
      return restart(state, nowMs);
    case 'runDelayed':
      return noEffects(state.phase === 'starting' ? delayed(state, nowMs + event.delayMs) : state);
    case 'activity':
      // The start budget may still delay the run.
      return noEffects(
        state.phase === 'starting' ? { ...state, activeMs: Math.max(state.activeMs, nowMs) } : state,
      );
    case 'frames':
      return frames(state, event.count, nowMs, policy);
    case 'runEnded':
      return runEnded(state, event.failure, nowMs, policy, random);
    case 'tick':
      return tick(state, nowMs, policy);
  }
}

/** When the next `tick` is due; null if the state does not depend on time. */
export function nextTickMs(state: MachineState, policy: RestartPolicy): number | null {
  switch (state.phase) {
    case 'starting':
      return startDueMs(state, policy);
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
  return {
    state: { ...memory(state), phase: 'starting', startedMs: nowMs, activeMs: nowMs },
    effects: [{ type: 'run' }],
  };
}

function stop(state: MachineState): MachineStep {
  switch (state.phase) {
    case 'stopped':
      return noEffects(state);
    case 'waiting':
      return noEffects({ ...memory(state), phase: 'stopped' });
    case 'stopping':
      return noEffects({ ...state, reason: { then: 'stopped' } });
    case 'starting':
    case 'running':
      return abort(state, { then: 'stopped' });
  }
}

function restart(state: MachineState, nowMs: number): MachineStep {
  switch (state.phase) {
    case 'stopped':
      return noEffects(state);
    case 'waiting':
      return start(forgetful(state), nowMs);
    case 'stopping':
      return noEffects(
        state.reason.then === 'stopped'
          ? state
          : { ...forgetful(state), ...ending(state, { then: 'restart' }) },
      );
    case 'starting':
    case 'running': {
      const { state: next, effects } = abort(state, { then: 'restart' });
      return { state: { ...next, failures: 0, failure: null, learned: nothingLearned }, effects };
    }
  }
}

function frames(state: MachineState, count: number, nowMs: number, policy: RestartPolicy): MachineStep {
  if (count <= 0) return noEffects(state);
  if (state.phase === 'starting') {
    const gapMs = state.lastFrameMs === null ? null : nowMs - state.lastFrameMs;
    const afterMs = nowMs - state.startedMs;
    return {
      state: {
        ...memory(state),
        learned: { ...state.learned, startMs: 2 * afterMs },
        phase: 'running',
        runningSinceMs: nowMs,
        reports: 1,
        lastFrameMs: nowMs,
      },
      effects: [{ type: 'firstFrame', afterMs, gapMs }],
    };
  }
  // Ignore late frames of a run that is stopping.
  if (state.phase !== 'running') return noEffects(state);
  // Between reports, not between frames: a source that sends in bursts reports many frames at once.
  const gapMs = nowMs - (state.lastFrameMs ?? state.runningSinceMs);
  const faded = state.learned.gapMs * 0.5 ** (gapMs / gapHalfLifeMs);
  const healthy = nowMs - state.runningSinceMs >= policy.healthyAfterMs;
  return noEffects({
    ...state,
    ...(healthy ? withoutFailures(state) : {}),
    lastFrameMs: nowMs,
    reports: state.reports + 1,
    learned: {
      ...state.learned,
      gapMs: Math.max(gapMs, faded),
      stalls: healthy ? 0 : state.learned.stalls,
    },
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
      return noEffects(state);
    case 'stopping': {
      const { reason } = state;
      if (reason.then === 'stopped') {
        // A run that had frames when it was stopped was healthy, even if not for a minute yet.
        return noEffects({ ...(state.hadFrames ? withoutFailures(state) : memory(state)), phase: 'stopped' });
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

/** A single long gap must not delay the detection of a freeze for long. */
const gapHalfLifeMs = 20_000;

const endedByItself: Failure = { kind: 'Ended', message: 'The stream ended.' };

/** Failures on our side, and jumps of a clock: the camera sends. */
const oursKinds = new Set<StreamFailureKind>(['Killed', 'MediaServerUnavailable', 'ClockJumped']);

function retry(
  state: Memory,
  failure: Failure,
  hadFrames: boolean,
  nowMs: number,
  policy: RestartPolicy,
  random: () => number,
): MachineStep {
  const failures = state.failures + 1;
  // A failure on our side says nothing about the camera: restart without growing delays.
  const isOurs = oursKinds.has(failure.kind);
  const counted = isOurs && hadFrames ? 1 : failures;
  const delayMs = fixedDelayMs(failure.kind, policy) ?? backoffDelayMs(counted, hadFrames, policy, random);
  const learned = learn(state, failure, nowMs, policy);
  return {
    state: { ...memory(state), learned, phase: 'waiting', untilMs: nowMs + delayMs, failures, failure },
    effects: [],
  };
}

/** Null: the delay grows with the number of failures. */
function fixedDelayMs(kind: StreamFailureKind, policy: RestartPolicy): number | null {
  switch (kind) {
    case 'CredentialsRefused':
      return policy.latchedDelayMs;
    case 'ProcessorLimitExceeded':
      return policy.excessDelayMs;
    default:
      return null;
  }
}

/** Failures that are an error at once, because the next attempt is a minute or more away. */
export function isErrorAtOnce(kind: StreamFailureKind): boolean {
  return kind === 'CredentialsRefused' || kind === 'ProcessorLimitExceeded';
}

/** What a failed run teaches: a slow camera gets more time in the next one. */
function learn(state: Memory, failure: Failure, nowMs: number, policy: RestartPolicy): LearnedTimes {
  const { learned } = state;
  if (failure.kind === 'NoFirstFrame' || failure.kind === 'TimedOut') {
    return { ...learned, startMs: 2 * startLimitMs(learned, policy), stalls: 0 };
  }
  if (failure.kind !== 'Stalled' || state.lastFrameMs === null) return { ...learned, stalls: 0 };
  // A camera that freezes stays away; one that sends again at once, each time, has pauses.
  const gapMs = learned.stalls > 0 ? Math.max(learned.gapMs, nowMs - state.lastFrameMs) : learned.gapMs;
  return { ...learned, gapMs, stalls: learned.stalls + 1 };
}

function tick(state: MachineState, nowMs: number, policy: RestartPolicy): MachineStep {
  const dueMs = nextTickMs(state, policy);
  switch (state.phase) {
    case 'starting':
      if (dueMs === null || nowMs < dueMs) return noEffects(state);
      return abort(state, {
        then: 'retry',
        failure: {
          kind: 'NoFirstFrame',
          message: `No video frame within ${Math.round((nowMs - state.startedMs) / 1000)} s.`,
        },
      });
    case 'running': {
      if (dueMs !== null && nowMs >= dueMs) {
        const silentMs = nowMs - (state.lastFrameMs ?? state.runningSinceMs);
        return abort(state, {
          then: 'retry',
          failure: { kind: 'Stalled', message: `No video frame for ${(silentMs / 1000).toFixed(1)} s.` },
        });
      }
      return noEffects(state);
    }
    case 'waiting': {
      if (nowMs < state.untilMs) return noEffects(state);
      const { state: next, effects } = start({ ...state, restarts: state.restarts + 1 }, nowMs);
      return {
        state: next,
        effects: state.failure ? [...effects, { type: 'restarted', failure: state.failure }] : effects,
      };
    }
    case 'stopped':
    case 'stopping':
      return noEffects(state);
  }
}

function abort(state: MachineState, reason: StopReason): MachineStep {
  // Report the failure now, not only once the run has ended.
  const failure = reason.then === 'retry' ? reason.failure : state.failure;
  return { state: { ...memory(state), failure, ...ending(state, reason) }, effects: [{ type: 'abortRun' }] };
}

function ending(state: MachineState, reason: StopReason) {
  const hadFrames = state.phase === 'running' || (state.phase === 'stopping' && state.hadFrames);
  return { phase: 'stopping', reason, hadFrames } as const;
}

function startDueMs(
  { startedMs, activeMs, learned }: Extract<MachineState, { phase: 'starting' }>,
  policy: RestartPolicy,
): number {
  const maxMs = Math.max(policy.startDeadlineMs, policy.startDeadlineMaxMs);
  return Math.min(activeMs + startLimitMs(learned, policy), startedMs + maxMs);
}

function startLimitMs({ startMs }: LearnedTimes, policy: RestartPolicy): number {
  return Math.max(policy.startDeadlineMs, Math.min(policy.startDeadlineMaxMs, startMs));
}

/** A slow camera gets a multiple of its longest recent gap; with the fixed minimum alone it would never stay up. */
function stallAfterMs(
  { learned, reports }: Extract<MachineState, { phase: 'running' }>,
  policy: RestartPolicy,
): number {
  const learnedMs = Math.min(policy.stallMaxMs, policy.stallIntervals * learned.gapMs);
  // The gaps of this run are unknown until the second report.
  const unknownMs = reports < 2 && learned.gapMs === 0 ? startLimitMs(learned, policy) : 0;
  return Math.max(policy.stallMinMs, learnedMs, unknownMs);
}

function delayed(state: Extract<MachineState, { phase: 'starting' }>, startedMs: number): MachineState {
  return { ...state, startedMs, activeMs: startedMs };
}

function memory({ failures, failure, restarts, lastFrameMs, learned }: Memory): Memory {
  return { failures, failure, restarts, lastFrameMs, learned };
}

/** After a change of configuration nothing that was learned applies. */
function forgetful(state: Memory): Memory {
  return { ...withoutFailures(state), learned: nothingLearned };
}

function withoutFailures(state: Memory): Memory {
  return { ...memory(state), failures: 0, failure: null };
}

function noEffects(state: MachineState): MachineStep {
  return { state, effects: [] };
}
