import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { defaultRestartPolicy as policy } from './restart-policy.ts';
import { RunFailure } from './run-failure.ts';
import { createStartBudget } from './start-budget.ts';
import type { StartBudget } from './start-budget.ts';
import { supervise } from './supervise.ts';
import type { RunContext, SupervisorView } from './supervise.ts';

/** Supervised runs that the test ends, with a simulated clock. */
function setUp(options: { budget?: StartBudget; clock?: ReturnType<typeof createSimulatedClock> } = {}) {
  const clock = options.clock ?? createSimulatedClock(1_000_000);
  const runs: { context: RunContext; end(): void; fail(error: unknown): void; startedMs: number }[] = [];
  const views: SupervisorView[] = [];
  const gaps: number[] = [];
  const restarts: string[] = [];
  let live = 0;
  let liveMax = 0;
  const supervisor = supervise({
    policy,
    clock,
    random: () => 0.5,
    ...(options.budget ? { budget: options.budget } : {}),
    runOnce: async (context) => {
      live += 1;
      liveMax = Math.max(liveMax, live);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      runs.push({ context, end: resolve, fail: reject, startedMs: clock.now() });
      await promise.finally(() => (live -= 1));
    },
    onChange: (view) => views.push(view),
    onGap: (ms) => gaps.push(ms),
    onRestart: (kind) => restarts.push(kind),
  });
  return {
    ...{ clock, runs, views, gaps, restarts, supervisor },
    liveMax: () => liveMax,
    latest: () => {
      const run = runs.at(-1);
      if (!run) throw new Error('no run was started');
      return run;
    },
  };
}

/** Lets the callbacks of settled promises run. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

async function advance(clock: { advance(ms: number): void }, ms: number, stepMs = 500): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(Math.min(stepMs, ms - passed));
    await settle();
  }
}

describe('supervise', () => {
  it('starts the next run only after the previous one has ended', async () => {
    const { supervisor, runs, latest, liveMax, clock } = setUp();
    supervisor.start();
    supervisor.start();
    await settle();
    supervisor.restart();
    supervisor.restart();
    await advance(clock, 60_000);
    expect(runs).toHaveLength(1);
    expect(latest().context.signal.aborted).toBe(true);
    latest().end();
    await settle();
    expect(runs).toHaveLength(2);
    expect(liveMax()).toBe(1);
  });

  it('never has two runs, for any order of requests and endings', async () => {
    const action = fc.constantFrom('start', 'stop', 'restart', 'end', 'fail', 'frames', 'wait', 'waitLong');
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const { supervisor, runs, liveMax, clock } = setUp();
        const stops: Promise<void>[] = [];
        for (const name of actions) {
          if (name === 'start') supervisor.start();
          if (name === 'restart') supervisor.restart();
          if (name === 'stop') stops.push(supervisor.stop());
          if (name === 'end') runs.at(-1)?.end();
          if (name === 'fail') runs.at(-1)?.fail(new RunFailure('TimedOut', 'late'));
          if (name === 'frames') runs.at(-1)?.context.onFrames(3);
          if (name === 'wait') clock.advance(700);
          if (name === 'waitLong') clock.advance(13_000);
          await settle();
        }
        stops.push(supervisor.stop());
        await settle();
        runs.at(-1)?.end();
        await Promise.all(stops);
        expect(supervisor.view().phase).toBe('stopped');
        expect(liveMax()).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('resolves stop only after the run has ended', async () => {
    const { supervisor, latest } = setUp();
    supervisor.start();
    await settle();
    let stopped = false;
    const stopping = supervisor.stop().then(() => (stopped = true));
    await settle();
    expect(stopped).toBe(false);
    expect(supervisor.view().phase).toBe('stopping');
    latest().end();
    await stopping;
    expect(supervisor.view().phase).toBe('stopped');
  });

  it('resolves stop at once if nothing runs', async () => {
    const { supervisor, runs } = setUp();
    await supervisor.stop();
    supervisor.start();
    await settle();
    runs[0]?.fail(new RunFailure('TimedOut', 'late'));
    await settle();
    expect(supervisor.view().phase).toBe('waiting');
    await supervisor.stop();
    expect(supervisor.view().phase).toBe('stopped');
  });

  it('resolves a stop followed by a start once the old run has ended', async () => {
    const { supervisor, runs } = setUp();
    supervisor.start();
    await settle();
    const stopping = supervisor.stop();
    supervisor.start();
    runs[0]?.end();
    await stopping;
    await settle();
    expect(runs).toHaveLength(2);
  });

  it('does not restart after a requested stop', async () => {
    const { supervisor, runs, clock } = setUp();
    supervisor.start();
    await settle();
    const stopping = supervisor.stop();
    runs[0]?.fail(new RunFailure('Killed', 'killed'));
    await stopping;
    await advance(clock, 600_000, 60_000);
    expect(runs).toHaveLength(1);
  });

  it('ignores late frames of an ended run', async () => {
    const { supervisor, runs, clock } = setUp();
    supervisor.start();
    await settle();
    runs[0]?.fail(new RunFailure('TimedOut', 'late'));
    await advance(clock, 2000);
    expect(runs).toHaveLength(2);
    runs[0]?.context.onFrames(10);
    expect(supervisor.view().phase).toBe('starting');
    expect(supervisor.view().lastFrameMs).toBeNull();
  });

  it('restarts a stalled run and reports the reason and the gap', async () => {
    const { supervisor, latest, runs, clock, gaps, restarts } = setUp();
    supervisor.start();
    await settle();
    for (let i = 0; i < 10; i += 1) {
      latest().context.onFrames(12);
      await advance(clock, 500);
    }
    await advance(clock, 4500);
    expect(latest().context.signal.aborted).toBe(true);
    latest().end();
    await advance(clock, 1000);
    expect(runs).toHaveLength(2);
    expect(restarts).toEqual(['Stalled']);
    latest().context.onFrames(1);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toBeLessThan(6500);
    expect(supervisor.view()).toMatchObject({ phase: 'running', restarts: 1 });
  });

  it('reports an unexpected error as Internal', async () => {
    const { supervisor, latest } = setUp();
    supervisor.start();
    await settle();
    latest().fail(new TypeError('x is not a function'));
    await settle();
    expect(supervisor.view().failure).toEqual({ kind: 'Internal', message: 'x is not a function' });
  });

  it('retries refused credentials rarely, and at once after a configuration change', async () => {
    const { supervisor, latest, runs, clock } = setUp();
    supervisor.start();
    await settle();
    latest().fail(new RunFailure('CredentialsRefused', '401'));
    await advance(clock, policy.latchedDelayMs - 1000, 10_000);
    expect(runs).toHaveLength(1);
    expect(supervisor.view().inError).toBe(true);
    supervisor.restart();
    await settle();
    expect(runs).toHaveLength(2);
  });

  it('is in error at once when a run used too much processor time', async () => {
    const { supervisor, latest } = setUp();
    supervisor.start();
    await settle();
    latest().fail(new RunFailure('ProcessorLimitExceeded', '4.2 cores'));
    await settle();
    expect(supervisor.view()).toMatchObject({ inError: true, phase: 'waiting', failures: 1 });
  });

  it('spreads fifty simultaneous starts without start deadlines expiring while they wait', async () => {
    const clock = createSimulatedClock(1_000_000);
    const budget = createStartBudget({ startsPerSecond: 3, burst: 3 });
    const cameras = Array.from({ length: 50 }, () => setUp({ clock, budget }));
    for (const { supervisor } of cameras) supervisor.start();
    await settle();
    expect(cameras.filter(({ runs }) => runs.length > 0)).toHaveLength(3);
    // Each gets its first frame a second after its start.
    for (let passedMs = 0; passedMs < 20_000; passedMs += 100) {
      clock.advance(100);
      await settle();
      for (const { runs } of cameras) {
        const run = runs.at(-1);
        if (run && clock.now() - run.startedMs >= 1000) run.context.onFrames(1);
      }
    }
    const starts = cameras.flatMap(({ runs }) => runs.map(({ startedMs }) => startedMs));
    expect(starts).toHaveLength(50);
    for (const from of starts) {
      expect(starts.filter((at) => at >= from && at < from + 1000).length).toBeLessThanOrEqual(6);
    }
    expect(cameras.every(({ supervisor }) => supervisor.view().phase === 'running')).toBe(true);
    expect(cameras.every(({ supervisor }) => supervisor.view().restarts === 0)).toBe(true);
  });

  it('can be stopped while it waits for the start budget', async () => {
    const clock = createSimulatedClock();
    const budget = createStartBudget({ startsPerSecond: 0.1, burst: 1 });
    const [first, second] = [setUp({ clock, budget }), setUp({ clock, budget })];
    first.supervisor.start();
    second.supervisor.start();
    await settle();
    await second.supervisor.stop();
    await advance(clock, 30_000);
    expect(second.runs).toHaveLength(0);
  });

  it('leaves no timer behind after a stop', async () => {
    const clock = createSimulatedClock();
    let timers = 0;
    const counting = {
      ...clock,
      setTimer: (ms: number, fn: () => void) => {
        timers += 1;
        const cancel = clock.setTimer(ms, () => {
          timers -= 1;
          fn();
        });
        let done = false;
        return () => {
          if (!done) timers -= 1;
          done = true;
          cancel();
        };
      },
    };
    const { supervisor, latest } = setUp({ clock: counting });
    supervisor.start();
    await settle();
    latest().context.onFrames(1);
    const stopping = supervisor.stop();
    latest().end();
    await stopping;
    expect(timers).toBe(0);
  });
});
