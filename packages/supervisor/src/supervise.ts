import type { StreamFailureKind } from '@camplane/contracts/camera-status';
import type { Clock } from '@camplane/runtime/clock';
import { messageOf } from '@camplane/runtime/message-of';
import { pause } from '@camplane/runtime/pause';
import { initialState, nextTickMs, transition } from './restart-machine.ts';
import type { Failure, MachineEffect, MachineEvent, MachineState } from './restart-machine.ts';
import type { RestartPolicy } from './restart-policy.ts';
import { RunFailure } from './run-failure.ts';
import type { StartBudget } from './start-budget.ts';

export type RunContext = {
  /** Aborted when the run is to end; the run settles when all it started has ended. */
  signal: AbortSignal;
  /** To be told of new video frames, a few times a second at most: the sign of life. */
  onFrames(count: number): void;
};

/** What is to be seen of a supervised run from outside. Times are those of the clock, in milliseconds. */
export type SupervisorView = {
  phase: MachineState['phase'];
  /** Failed as often in a row as the policy calls an error, or refused. */
  inError: boolean;
  /** The latest failure, until frames have flowed for a minute. */
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
  /** Restarts what runs, ends a pause; nothing for a stopped one. */
  restart(): void;
  /** Resolves when the run, if any, has ended. */
  stop(): Promise<void>;
  view(): SupervisorView;
};

/** How much later than set a timer may fire before this process is taken to have slept: a busy or starved machine. */
const ownLatenessMs = 300;

/**
 * Runs the effects of the restart machine: one run at a time, each ended before the next begins.
 *
 * @param options.runOnce one straight session; throws RunFailure, never retries
 * @param options.onChange after each change of phase or failure, not for each frame
 */
export function supervise(options: {
  runOnce(context: RunContext): Promise<void>;
  policy: RestartPolicy;
  clock: Clock;
  random(): number;
  budget?: StartBudget;
  onChange(view: SupervisorView): void;
  onRestart?(kind: StreamFailureKind): void;
  /** Time without frames, from the last one before an interruption to the first one after it. */
  onGap?(ms: number): void;
  onFirstFrame?(ms: number): void;
}): Supervisor {
  const { policy, clock } = options;
  let state: MachineState = initialState;
  let run: AbortController | null = null;
  let cancelTick: (() => void) | null = null;
  let tickDueMs: number | null = null;
  const waitingForStop: (() => void)[] = [];

  function dispatch(event: MachineEvent): void {
    const before = state;
    const step = transition(state, event, clock.now(), policy, () => options.random());
    state = step.state;
    for (const effect of step.effects) perform(effect);
    scheduleTick();
    // Also when the run that was to end has ended and another has been asked for since.
    if (state.phase === 'stopped' || event.type === 'runEnded') {
      for (const resolve of waitingForStop.splice(0)) resolve();
    }
    if (state.phase !== before.phase || state.failure !== before.failure) options.onChange(view());
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
        // A late word of a run that is over.
        if (run === controller) dispatch({ type: 'frames', count });
      },
    };
    void runToEnd(context).then((failure) => {
      run = null;
      dispatch({ type: 'runEnded', failure });
    });
  }

  /** The run's failure; null if it ended as it was told to. */
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

  /** One timer, set anew only when it would fire too late: frames push the time of a stall back all the while. */
  function scheduleTick(): void {
    const dueMs = nextTickMs(state, policy);
    if (dueMs === null) {
      cancelTick?.();
      cancelTick = null;
      tickDueMs = null;
      return;
    }
    if (cancelTick !== null && tickDueMs !== null && tickDueMs <= dueMs) return;
    cancelTick?.();
    tickDueMs = dueMs;
    const fire = () => {
      cancelTick = null;
      tickDueMs = null;
      dispatch({ type: 'tick' });
    };
    cancelTick = clock.setTimer(Math.max(0, dueMs - clock.now()), () => {
      // A process that slept itself hears its timers before the frames that came meanwhile: it listens first.
      if (clock.now() - dueMs > ownLatenessMs) cancelTick = clock.setTimer(ownLatenessMs, fire);
      else fire();
    });
  }

  function view(): SupervisorView {
    return {
      phase: state.phase,
      inError:
        state.phase !== 'running' &&
        (state.failures >= policy.attemptsBeforeError || state.failure?.kind === 'CredentialsRefused'),
      failure: state.failure,
      restarts: state.restarts,
      runningSinceMs: state.phase === 'running' ? state.runningSinceMs : null,
      lastFrameMs: state.lastFrameMs,
      nextAttemptMs: state.phase === 'waiting' ? state.untilMs : null,
      failures: state.failures,
    };
  }

  return {
    start: () => dispatch({ type: 'startRequested' }),
    restart: () => dispatch({ type: 'restartRequested' }),
    stop() {
      if (state.phase === 'stopped') return Promise.resolve();
      return new Promise((resolve) => {
        waitingForStop.push(resolve);
        dispatch({ type: 'stopRequested' });
      });
    },
    view,
  };
}
