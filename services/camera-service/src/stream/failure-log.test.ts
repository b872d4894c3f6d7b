import { describe, expect, it } from '@jest/globals';
import type { Logger } from '@camplane/service-kit/logging';
import type { SupervisorView } from '@camplane/supervisor/supervise';
import { createFailureLog } from './failure-log.ts';

const labels = { camera: 'door', stream: 'main' };

function setUp() {
  const lines: [fields: object, message: string][] = [];
  const write = (fields: object, message: string) => void lines.push([fields, message]);
  const report = createFailureLog({ info: write, warn: write } as unknown as Logger, labels);
  const view = (change: Partial<SupervisorView>): SupervisorView => ({
    ...{ phase: 'starting', inError: false, failure: null, restarts: 0, failures: 0 },
    ...{ runningSinceMs: null, lastFrameMs: null, nextAttemptMs: null },
    ...change,
  });
  const fail = (kind: 'TimedOut' | 'NotFound', nowMs: number) =>
    report(
      view({ phase: 'waiting', failure: { kind, message: `${kind}.` }, nextAttemptMs: nowMs + 2000 }),
      nowMs,
    );
  return { lines, fail, live: (nowMs: number) => report(view({ phase: 'running' }), nowMs) };
}

describe('the failure log', () => {
  it('logs a reason once, with the time until the next attempt', () => {
    const { lines, fail } = setUp();
    fail('TimedOut', 0);
    fail('TimedOut', 5000);
    fail('NotFound', 9000);
    const fields = { ...labels, delayMs: 2000 };
    expect(lines).toEqual([
      [{ ...fields, reason: 'TimedOut', detail: 'TimedOut.' }, 'stream failed, will retry'],
      [{ ...fields, reason: 'NotFound', detail: 'NotFound.' }, 'stream failed, will retry'],
    ]);
  });

  it('logs when video is live, and how long it was interrupted', () => {
    const { lines, fail, live } = setUp();
    live(0);
    live(1000);
    fail('TimedOut', 2000);
    live(9000);
    expect(lines.filter(([, message]) => message === 'video is live')).toEqual([
      [labels, 'video is live'],
      [{ ...labels, after: 'TimedOut', downMs: 7000 }, 'video is live'],
    ]);
  });
});
