import { describe, expect, it } from '@jest/globals';
import { CamplaneError } from '@camplane/contracts/problem';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { connectAgain } from './connect-again.ts';

const unavailable = new CamplaneError('service-unavailable', 'stream-proxy is unavailable');

/** A clock whose timers fire at once. */
function hastyClock() {
  const clock = createSimulatedClock();
  return {
    now: () => clock.now(),
    setTimer(ms: number, fn: () => void) {
      clock.advance(ms);
      queueMicrotask(fn);
      return () => undefined;
    },
  };
}

function connecting(answers: (string | Error)[]) {
  let attempts = 0;
  const connect = (): Promise<string> => {
    const answer = answers[Math.min(attempts, answers.length - 1)] ?? '';
    attempts += 1;
    return typeof answer === 'string' ? Promise.resolve(answer) : Promise.reject(answer);
  };
  return { connect, attempts: () => attempts };
}

describe('a connection to stream-proxy after a loss', () => {
  const { signal } = new AbortController();

  it('is repeated until a replica accepts one', async () => {
    const { connect } = connecting([unavailable, unavailable, 'connected']);
    expect(await connectAgain(connect, signal, hastyClock())).toBe('connected');
  });

  it('is not made at once, so that a replica that ends each connection is not asked in a loop', async () => {
    const clock = createSimulatedClock();
    const { connect, attempts } = connecting(['connected']);
    const connected = connectAgain(connect, signal, clock);
    clock.advance(499);
    expect(attempts()).toBe(0);
    clock.advance(1);
    expect(await connected).toBe('connected');
  });

  it('ends after 15 s, and at once if it is refused or the viewer has left', async () => {
    const absent = connecting([unavailable]);
    await expect(connectAgain(absent.connect, signal, hastyClock())).rejects.toBe(unavailable);
    expect(absent.attempts()).toBe(30);
    const full = new CamplaneError('stream-limit', 'as many streams run as may');
    const refused = connecting([full]);
    await expect(connectAgain(refused.connect, signal, hastyClock())).rejects.toBe(full);
    const left = connecting([unavailable]);
    await expect(connectAgain(left.connect, AbortSignal.abort(), hastyClock())).rejects.toBe(unavailable);
    expect([refused.attempts(), left.attempts()]).toEqual([1, 1]);
  });
});
