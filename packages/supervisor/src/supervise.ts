import type { StreamFailureKind } from '@camplane/contracts/camera-status';
import type { Clock } from '@camplane/runtime/clock';
import { messageOf } from '@camplane/runtime/message-of';
import { pause } from '@camplane/runtime/pause';
import { initialState, isErrorAtOnce, nextTickMs, transition } from './restart-machine.ts';
import type { Failure, MachineEffect, MachineEvent, MachineState } from './restart-machine.ts';
import type { RestartPolicy } from './restart-policy.ts';
import { RunFailure } from './run-failure.ts';
import type { StartBudget } from './start-budget.ts';
import { createTickTimer } from './tick-timer.ts';

export type RunContext = {
  /** Aborted to end the run. The run must settle only once everything it started has ended. */
  signal: AbortSignal;
  /** Reports new video frames, the sign of life; call it a few times per second at most. */
  onFrames(count: number): void;
  /** Reports progress towards the first frame, which extends the start deadline. */
  onActivity(): void;
};

/** The observable state of a supervised run. Times are milliseconds of the supervisor's clock. */
export type SupervisorView = {
  phase: MachineState['phase'];
  /** Credentials were refused, a run used too much processor time, or too many runs in a row failed. */
  inError: boolean;
  /** The latest failure; null once frames have flowed for a minute. */
  failure: Failure | null;
  restarts: number;
  runningSinceMs: number | null;
  lastFrameMs: number | null;
  nextAttemptMs: number | null;
  /** Failed runs in a row. */
  failures: number;
};

export type Supervisor = {
  start(): void;
  /** Restarts a current run and ends a retry delay. Does nothing when stopped. */
  restart(): void;
  /** Resolves once the current run, if any, has ended. */
  stop(): Promise<void>;
  view(): SupervisorView;
};

/**
 * Performs the effects of the restart machine: one run at a time, each ended before the next begins.
 *
 * @param options.runOnce one straight session; throws RunFailure, never retries
 * @param options.onChange called after each change of phase or failure, not for each frame
 */
export function supervise(options: {
  runOnce(context: RunContext): Promise<void>;
  policy: RestartPolicy;
  /** Overrides the policy's minimum for the current source, which may send with long pauses. */
  stallMinMs?(): number;
  clock: Clock;
  random(): number;
  budget?: StartBudget;
  onChange(view: SupervisorView): void;
  onRestart?(kind: StreamFailureKind): void;
  /** Time without frames, from the last one before an interruption to the first one after it. */
  onGap?(ms: number): void;
  onFirstFrame?(ms: number): void;
}): Supervisor {
  const { clock } = options;
  const policy = (): RestartPolicy =>
    options.stallMinMs ? { ...options.policy, stallMinMs: options.stallMinMs() } : options.policy;
  let state: MachineState = initialState;
  let run: AbortController | null = null;
  const stopWaiters: (() => void)[] = [];
  const tickTimer = createTickTimer(clock, () => dispatch({ type: 'tick' }));

  function dispatch(event: MachineEvent): void {
    const before = state;
    const step = transition(state, event, clock.now(), policy(), () => options.random());
    state = step.state;
    for (const effect of step.effects) perform(effect);
    tickTimer.schedule(nextTickMs(state, policy()));
    // A stop is also complete if a start was requested meanwhile and the old run has ended.
    if (state.phase === 'stopped' || event.type === 'runEnded') {
      for (const resolve of stopWaiters.splice(0)) resolve();
    }
    if (state.phase !== before.phase || state.failure !== before.failure) {
      options.onChange(viewOf(state, options.policy));
    }
  }

  function perform(effect: MachineEffect): void {
    switch (effect.type) {
      case 'run':
        beginRun();
        break;
      case 'abortRun':
        run?.abort();
        break;
      case 'firstFrame':
        options.onFirstFrame?.(effect.afterMs);
        if (effect.gapMs !== null) options.onGap?.(effect.gapMs);
        break;
      case 'restarted':
        options.onRestart?.(effect.failure.kind);
        break;
    }
  }

  function beginRun(): void {
    const controller = new AbortController();
    run = controller;
    const context: RunContext = {
      signal: controller.signal,
      onFrames: (count) => {
        // Ignore late frames of an ended run.
        if (run === controller) dispatch({ type: 'frames', count });
      },
      onActivity: () => {
        if (run === controller && state.phase === 'starting') dispatch({ type: 'activity' });
      },
    };
    void runToEnd(context).then((failure) => {
      run = null;
      dispatch({ type: 'runEnded', failure });
    });
  }

  /** Returns the run's failure; null if it ended because it was aborted. */
  async function runToEnd(context: RunContext): Promise<Failure | null> {
    try {
      await waitForBudget(context.signal);
      context.signal.throwIfAborted();
      await options.runOnce(context);
      return null;
    } catch (error) {
      if (error instanceof RunFailure) return { kind: error.kind, message: error.message };
      if (context.signal.aborted) return null;
      return { kind: 'Internal', message: messageOf(error) };
    }
  }

  function waitForBudget(signal: AbortSignal): Promise<void> {
    const delayMs = options.budget?.reserve(clock.now()) ?? 0;
    if (delayMs <= 0) return Promise.resolve();
    dispatch({ type: 'runDelayed', delayMs });
    return pause(delayMs, clock, signal);
  }

  return {
    start: () => dispatch({ type: 'startRequested' }),
    restart: () => dispatch({ type: 'restartRequested' }),
    stop() {
      if (state.phase === 'stopped') return Promise.resolve();
      return new Promise((resolve) => {
        stopWaiters.push(resolve);
        dispatch({ type: 'stopRequested' });
      });
    },
    view: () => viewOf(state, options.policy),
  };
}

function viewOf(state: MachineState, policy: RestartPolicy): SupervisorView {
  return {
    phase: state.phase,
    inError:
      state.phase !== 'running' &&
      (state.failures >= policy.attemptsBeforeError ||
        (state.failure !== null && isErrorAtOnce(state.failure.kind))),
    failure: state.failure,
    restarts: state.restarts,
    runningSinceMs: state.phase === 'running' ? state.runningSinceMs : null,
    lastFrameMs: state.lastFrameMs,
    nextAttemptMs: state.phase === 'waiting' ? state.untilMs : null,
    failures: state.failures,
  };
}
