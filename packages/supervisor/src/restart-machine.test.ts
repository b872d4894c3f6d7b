import { describe, expect, it } from '@jest/globals';
import type { StreamFailureKind } from '@camplane/contracts/camera-status';
import fc from 'fast-check';
import type { MachineEvent, MachineState } from './restart-machine.ts';
import { initialState, nextTickMs, transition } from './restart-machine.ts';
import { defaultRestartPolicy as policy } from './restart-policy.ts';

const half = () => 0.5;

/** Plays events at their times; returns the final state and all effects. */
function play(events: [number, MachineEvent][], start: MachineState = initialState) {
  const effects: string[] = [];
  let state = start;
  for (const [atMs, event] of events) {
    const step = transition(state, event, atMs, policy, half);
    state = step.state;
    effects.push(...step.effects.map((effect) => effect.type));
  }
  return { state, effects };
}

const started: MachineEvent = { type: 'startRequested' };
const tick: MachineEvent = { type: 'tick' };
const frames = (count = 1): MachineEvent => ({ type: 'frames', count });
const ended = (kind: StreamFailureKind = 'TimedOut'): MachineEvent => ({
  type: 'runEnded',
  failure: { kind, message: kind },
});

describe('restart machine', () => {
  it('starts one run for repeated start requests', () => {
    expect(
      play([
        [0, started],
        [1, started],
        [2, started],
      ]).effects,
    ).toEqual(['run']);
  });

  it('is running after the first frame', () => {
    expect(
      play([
        [0, started],
        [300, frames()],
      ]).state.phase,
    ).toBe('running');
  });

  it('clears failures when a run with frames is stopped', () => {
    const { state } = play([
      [0, started],
      [10, ended('CredentialsRefused')],
      [400_000, tick],
      [400_100, frames()],
      [400_200, { type: 'stopRequested' }],
      [400_300, { type: 'runEnded', failure: null }],
    ]);
    expect(state).toMatchObject({ phase: 'stopped', failure: null, failures: 0 });
  });

  it('aborts a run without a frame by its start deadline', () => {
    const { state, effects } = play([
      [0, started],
      [policy.startDeadlineMs, tick],
    ]);
    expect(effects).toEqual(['run', 'abortRun']);
    expect(play([[40_000, ended()]], state).state.failure?.kind).toBe('NoFirstFrame');
  });

  it('detects a stall within five seconds', () => {
    const { state } = play([
      [0, started],
      [300, frames()],
      [800, frames(15)],
      [1300, frames(15)],
    ]);
    const dueMs = nextTickMs(state, policy) ?? 0;
    expect(dueMs - 1300).toBeLessThanOrEqual(5000);
    const stalled = play(
      [
        [dueMs, tick],
        [dueMs + 10, { type: 'runEnded', failure: null }],
      ],
      state,
    );
    expect(stalled.state).toMatchObject({ phase: 'waiting', failure: { kind: 'Stalled' } });
  });

  it('does not restart a camera with one frame every four seconds', () => {
    const slow: [number, MachineEvent][] = [[0, started]];
    for (let atMs = 1000; atMs < 60_000; atMs += 4000) slow.push([atMs, frames()], [atMs + 3999, tick]);
    expect(play(slow).effects).not.toContain('abortRun');
  });

  it('waits for a camera that is active, up to a maximum', () => {
    const active: [number, MachineEvent][] = [[0, started]];
    for (let atMs = 1000; atMs < policy.startDeadlineMaxMs; atMs += 1000) {
      active.push([atMs, { type: 'activity' }], [atMs + 1, tick]);
    }
    const { state, effects } = play(active);
    expect(effects).toEqual(['run']);
    expect(play([[policy.startDeadlineMaxMs, tick]], state).effects).toEqual(['abortRun']);
  });

  it('times out if a camera is no longer active', () => {
    const { state } = play([
      [0, started],
      [5000, { type: 'activity' }],
    ]);
    expect(nextTickMs(state, policy)).toBe(5000 + policy.startDeadlineMs);
  });

  it('allows each further start more time, until the configuration changes', () => {
    const limits: number[] = [];
    let state = play([[0, started]]).state;
    let nowMs = 0;
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const dueMs = nextTickMs(state, policy) ?? 0;
      limits.push(dueMs - nowMs);
      nowMs = dueMs + 20_000;
      state = play(
        [
          [dueMs, tick],
          [dueMs, { type: 'runEnded', failure: null }],
          [nowMs, tick],
        ],
        state,
      ).state;
    }
    expect(limits).toEqual([30_000, 60_000, 120_000, 120_000, 120_000]);
    const changed = play(
      [
        [nowMs, { type: 'restartRequested' }],
        [nowMs, { type: 'runEnded', failure: null }],
      ],
      state,
    ).state;
    expect((nextTickMs(changed, policy) ?? 0) - nowMs).toBe(policy.startDeadlineMs);
  });

  it('remembers how long a successful start took', () => {
    const { state } = play([
      [0, started],
      [15_000, { type: 'activity' }],
      [30_000, frames()],
      [31_000, ended()],
      [32_000, tick],
    ]);
    expect((nextTickMs(state, policy) ?? 0) - 32_000).toBeGreaterThanOrEqual(60_000);
  });

  it('does not restart a source that sends in bursts once it has learned the pause', () => {
    const bursts: [number, MachineEvent][] = [[0, started]];
    for (let atMs = 1000; atMs < 120_000; atMs += 8000) {
      for (let i = 0; i < 4; i += 1) bursts.push([atMs + i * 200, frames(30)]);
    }
    // The gap before the second burst is unknown: it counts as stalled twice.
    const seen = { type: 'frames', count: 1 } as const;
    const learning = play([
      [0, started],
      ...[0, 10_000, 20_000].flatMap((atMs): [number, MachineEvent][] => [
        [atMs + 1000, seen],
        [atMs + 1200, seen],
        [atMs + 5200, tick],
        [atMs + 5200, { type: 'runEnded', failure: null }],
        [atMs + 9000, tick],
      ]),
    ]).state;
    const { effects } = play(
      bursts.flatMap(([atMs, event]): [number, MachineEvent][] => [
        [40_000 + atMs, tick],
        [40_000 + atMs, event],
      ]),
      learning,
    );
    expect(effects).not.toContain('abortRun');
  });

  it('detects a freeze soon again after a single long gap', () => {
    const steady: [number, MachineEvent][] = [[0, started]];
    for (let atMs = 500; atMs < 10_000; atMs += 500) steady.push([atMs, frames(15)]);
    for (let atMs = 13_000; atMs < 60_000; atMs += 500) steady.push([atMs, frames(15)]);
    const { state } = play(steady);
    expect((nextTickMs(state, policy) ?? 0) - 59_500).toBeLessThanOrEqual(5000);
  });

  it('restarts at once after frames had flowed, then with growing delays', () => {
    const pauses: number[] = [];
    let state = play([
      [0, started],
      [300, frames()],
    ]).state;
    let nowMs = 10_000;
    for (let attempt = 0; attempt < 8; attempt++) {
      state = transition(state, ended(), nowMs, policy, half).state;
      if (state.phase !== 'waiting') throw new Error('expected the phase waiting after a failure');
      pauses.push(state.untilMs - nowMs);
      nowMs = state.untilMs;
      state = transition(state, tick, nowMs, policy, half).state;
    }
    expect(pauses).toEqual([200, 2000, 4000, 8000, 10_000, 10_000, 10_000, 10_000]);
  });

  it('resets failures only after a minute of frames', () => {
    const flaky = play([
      [0, started],
      [0, ended()],
      [1000, tick],
      [2000, frames()],
      [30_000, frames()],
    ]).state;
    expect(flaky.failures).toBe(1);
    expect(play([[62_001, frames()]], flaky).state).toMatchObject({ failures: 0, failure: null });
  });

  it('restarts a killed process without growing delays', () => {
    let state = play([
      [0, started],
      [300, frames()],
    ]).state;
    for (let nowMs = 1000; nowMs < 20_000; nowMs += 1000) {
      state = transition(state, ended('Killed'), nowMs, policy, half).state;
      expect(state).toMatchObject({ phase: 'waiting', untilMs: nowMs + policy.firstDelayMs });
      state = play(
        [
          [nowMs + 300, tick],
          [nowMs + 700, frames()],
        ],
        state,
      ).state;
    }
  });

  it('latches refused credentials until the configuration changes', () => {
    const refused = play([
      [0, started],
      [100, ended('CredentialsRefused')],
    ]).state;
    expect(refused).toMatchObject({ phase: 'waiting', untilMs: 100 + policy.latchedDelayMs });
    expect(play([[200_000, tick]], refused).effects).toEqual([]);
    expect(play([[200, { type: 'restartRequested' }]], refused).effects).toEqual(['run']);
  });

  it('pauses after a run that used too much processor time, however long it had frames', () => {
    const used = play([
      [0, started],
      [300, frames()],
      [80_000, frames()],
      [80_100, ended('ProcessorLimitExceeded')],
    ]).state;
    expect(used).toMatchObject({ phase: 'waiting', untilMs: 80_100 + policy.excessDelayMs });
    expect(play([[80_100 + policy.excessDelayMs, tick]], used).effects).toEqual(['run', 'restarted']);
  });

  it('keeps the first reason to end a run', () => {
    const stalled = play([
      [0, started],
      [policy.startDeadlineMs, tick],
    ]).state;
    const { state } = play([[policy.startDeadlineMs + 100, ended('Killed')]], stalled);
    expect(state.failure?.kind).toBe('NoFirstFrame');
  });

  it('does not restart after a requested stop', () => {
    const { state, effects } = play([
      [0, started],
      [1, frames()],
      [2, { type: 'stopRequested' }],
      [3, ended()],
      [99_999, tick],
    ]);
    expect(state.phase).toBe('stopped');
    expect(effects).toEqual(['run', 'firstFrame', 'abortRun']);
  });

  it('restarts if a start is requested while stopping', () => {
    const { effects } = play([
      [0, started],
      [1, { type: 'stopRequested' }],
      [2, started],
      [3, { type: 'runEnded', failure: null }],
    ]);
    expect(effects).toEqual(['run', 'abortRun', 'run']);
  });

  const anyEvent: fc.Arbitrary<MachineEvent> = fc.oneof(
    fc.constantFrom<MachineEvent>(
      started,
      tick,
      { type: 'activity' },
      { type: 'stopRequested' },
      { type: 'restartRequested' },
    ),
    fc.integer({ min: 0, max: 100 }).map(frames),
    fc.constantFrom(ended(), ended('CredentialsRefused'), ended('Killed')),
    fc.constant<MachineEvent>({ type: 'runEnded', failure: null }),
  );

  it('never has two runs, and none when stopped, for any order of events', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), anyEvent), { maxLength: 200 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (steps, chance) => {
          let state = initialState;
          let nowMs = 0;
          let running = false;
          let aborted = false;
          for (const [waitMs, event] of steps) {
            nowMs += waitMs;
            // Only a current run can report frames or end.
            if (!running && (event.type === 'frames' || event.type === 'runEnded')) continue;
            if (event.type === 'runEnded') running = false;
            const step = transition(state, event, nowMs, policy, () => chance);
            state = step.state;
            for (const effect of step.effects) {
              if (effect.type === 'run') {
                expect(running).toBe(false);
                running = true;
                aborted = false;
              }
              if (effect.type === 'abortRun') {
                expect(running).toBe(true);
                aborted = true;
              }
            }
            expect(['starting', 'running', 'stopping'].includes(state.phase)).toBe(running);
            expect(state.phase === 'stopping').toBe(running && aborted);
            if (state.phase === 'waiting')
              expect(state.untilMs - nowMs).toBeLessThanOrEqual(policy.latchedDelayMs);
          }
          // A stop ends the run from any state.
          const stopping = transition(state, { type: 'stopRequested' }, nowMs, policy, () => chance);
          const last = running
            ? transition(stopping.state, ended(), nowMs + 1, policy, () => chance)
            : stopping;
          expect(last.state.phase).toBe('stopped');
          expect(last.effects).toEqual([]);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
