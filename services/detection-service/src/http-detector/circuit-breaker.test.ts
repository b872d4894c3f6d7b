import { describe, expect, it } from '@jest/globals';
import { admitRequest, closedBreaker, recordResult } from './circuit-breaker.ts';
import type { BreakerState, Admission } from './circuit-breaker.ts';

const policy = { failuresMax: 3, pauseMs: 1000, pauseFactor: 2, pauseMaxMs: 5000, jitterRatio: 0.2 };

/** A breaker with its own clock. */
function harness(random = 0.5) {
  let state: BreakerState = closedBreaker;
  let nowMs = 10_000;
  return {
    state: () => state,
    advance: (ms: number) => (nowMs += ms),
    ask(): Admission {
      const asked = admitRequest(state, nowMs);
      state = asked.state;
      return asked.admission;
    },
    tell(answered: boolean, trial = false) {
      state = recordResult(state, { answered, trial }, nowMs, policy, () => random);
    },
    pauseMs: () => (state.kind === 'open' ? state.retryAtMs - nowMs : undefined),
  };
}

/** Opened by consecutive failures. */
function opened(random?: number) {
  const breaker = harness(random);
  for (let failure = 0; failure < policy.failuresMax; failure++) breaker.tell(false);
  return breaker;
}

describe('circuit breaker', () => {
  it('sends all requests while the service responds', () => {
    const breaker = harness();
    for (let request = 0; request < 10; request++) {
      expect(breaker.ask()).toBe('send');
      breaker.tell(true);
    }
  });

  it('opens after consecutive failures', () => {
    const breaker = harness();
    breaker.tell(false);
    breaker.tell(false);
    expect(breaker.ask()).toBe('send');
    breaker.tell(false);
    expect(breaker.ask()).toBe('reject');
  });

  it('resets the count of failures with a response', () => {
    const breaker = harness();
    for (const answered of [false, false, true, false, false]) breaker.tell(answered);
    expect(breaker.state()).toEqual({ kind: 'closed', failures: 2 });
  });

  it('sends one trial at a time after its pause', () => {
    const breaker = opened();
    breaker.advance(999);
    expect(breaker.ask()).toBe('reject');
    breaker.advance(1);
    expect([breaker.ask(), breaker.ask(), breaker.ask()]).toEqual(['trial', 'reject', 'reject']);
  });

  it('closes when the trial succeeds', () => {
    const breaker = opened();
    breaker.advance(1000);
    breaker.ask();
    breaker.tell(true, true);
    expect(breaker.state()).toEqual(closedBreaker);
  });

  it('doubles the pause with each failed trial, up to the maximum', () => {
    const breaker = opened();
    const pauses = [breaker.pauseMs()];
    for (let trial = 0; trial < 4; trial++) {
      breaker.advance(breaker.pauseMs() ?? 0);
      expect(breaker.ask()).toBe('trial');
      breaker.tell(false, true);
      pauses.push(breaker.pauseMs());
    }
    expect(pauses).toEqual([1000, 2000, 4000, 5000, 5000]);
  });

  it('starts with the short pause again after a success', () => {
    const breaker = opened();
    breaker.advance(1000);
    breaker.ask();
    breaker.tell(false, true);
    breaker.advance(2000);
    breaker.ask();
    breaker.tell(true, true);
    for (let failure = 0; failure < policy.failuresMax; failure++) breaker.tell(false);
    expect(breaker.pauseMs()).toBe(1000);
  });

  it('keeps the time since when the service is unavailable', () => {
    const breaker = opened();
    breaker.advance(1000);
    breaker.ask();
    breaker.tell(false, true);
    expect(breaker.state()).toMatchObject({ kind: 'open', sinceMs: 10_000 });
  });

  it('ignores failures of requests from before it opened', () => {
    const breaker = opened();
    const state = breaker.state();
    breaker.tell(false);
    expect(breaker.state()).toBe(state);
    breaker.advance(1000);
    breaker.ask();
    breaker.tell(false);
    expect(breaker.state().kind).toBe('half-open');
  });

  it('closes when a request from before it opened succeeds', () => {
    const breaker = opened();
    breaker.tell(true);
    expect(breaker.state()).toEqual(closedBreaker);
  });

  it.each([
    [0, 800],
    [0.999_999, 1200],
  ])('spreads its pause at random (%d)', (random, pauseMs) => {
    expect(opened(random).pauseMs()).toBe(pauseMs);
  });
});
