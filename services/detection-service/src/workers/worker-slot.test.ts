import { describe, expect, it } from '@jest/globals';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import type { StartThread, ThreadEvents } from './detection-thread.ts';
import type { FromDetectionWorker, LookRequest } from './worker-messages.ts';
import { createWorkerSlot, defaultSlotLimits } from './worker-slot.ts';

const request: LookRequest = {
  cameraId: 'front-door',
  capturedAt: 0,
  jpeg: new Uint8Array(),
  detectors: ['motion'],
  minConfidence: 0.5,
  zones: [],
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A slot whose threads do what the test says. */
function createTrial() {
  const clock = createSimulatedClock();
  const threads: { events: ThreadEvents; looks: number[]; ended: 'stop' | 'terminate' | null }[] = [];
  const replaced: string[] = [];
  const startThread: StartThread = (events) => {
    const thread: (typeof threads)[number] = { events, looks: [], ended: null };
    threads.push(thread);
    const end = async (how: 'stop' | 'terminate') => {
      if (thread.ended !== null) return;
      thread.ended = how;
      events.onExit(null);
    };
    return {
      post: (message) => {
        if (message.type === 'look') thread.looks.push(message.id);
      },
      stop: () => end('stop'),
      terminate: () => end('terminate'),
    };
  };
  const slot = createWorkerSlot({
    startThread,
    limits: { ...defaultSlotLimits, waitingMax: 3, looksMax: 10 },
    clock,
    onReplaced: (reason) => replaced.push(reason),
  });
  const tell = (thread: number, message: FromDetectionWorker) => threads[thread]?.events.onMessage(message);
  return {
    slot,
    clock,
    threads,
    replaced,
    ready: (thread: number) => tell(thread, { type: 'ready' }),
    answer: (thread: number, id: number, memoryBytes = 0) =>
      tell(thread, { type: 'looked', id, memoryBytes, width: 1, height: 1, answers: [] }),
    crash: (thread: number) => threads[thread]?.events.onExit(new Error('boom')),
    /** What becomes of a look. */
    look: () =>
      slot.look(request).then(
        () => 'looked',
        (error: { kind: string }) => error.kind,
      ),
  };
}

describe('the place of a worker', () => {
  it('gives a thread a few pictures at a time once it is ready, and refuses more than can wait', async () => {
    const trial = createTrial();
    const looks = Array.from({ length: 4 }, () => trial.look());
    expect(trial.threads[0]?.looks).toEqual([]);
    expect(await looks[3]).toBe('overloaded');
    trial.ready(0);
    expect(trial.threads[0]?.looks).toEqual([0, 1]);
    trial.answer(0, 0);
    expect(trial.threads[0]?.looks).toEqual([0, 1, 2]);
    trial.answer(0, 1);
    trial.answer(0, 2);
    expect(await Promise.all(looks.slice(0, 3))).toEqual(['looked', 'looked', 'looked']);
  });

  it('replaces a thread that crashed: what it had in hand fails, what waited goes on', async () => {
    const trial = createTrial();
    trial.ready(0);
    const looks = [trial.look(), trial.look(), trial.look()];
    trial.crash(0);
    expect(await Promise.all(looks.slice(0, 2))).toEqual(['worker-lost', 'worker-lost']);
    trial.clock.advance(0);
    trial.ready(1);
    trial.answer(1, 2);
    expect(await looks[2]).toBe('looked');
    expect(trial.replaced).toEqual(['crashed']);
  });

  it('replaces a thread that hangs in a picture', async () => {
    const trial = createTrial();
    trial.ready(0);
    const looks = [trial.look(), trial.look()];
    trial.clock.advance(defaultSlotLimits.lookMaxMs);
    expect(await Promise.all(looks)).toEqual(['timeout', 'worker-lost']);
    expect(trial.threads[0]?.ended).toBe('terminate');
    trial.clock.advance(0);
    expect(trial.threads).toHaveLength(2);
    expect(trial.replaced).toEqual(['hung']);
  });

  it('starts threads that keep crashing at growing intervals, and pictures do not wait for ever', async () => {
    const trial = createTrial();
    const starts: number[] = [];
    const look = trial.look();
    for (let count = 0; count < 8; count++) {
      trial.crash(trial.threads.length - 1);
      const before = trial.threads.length;
      while (trial.threads.length === before) trial.clock.advance(100);
      starts.push(trial.clock.now());
    }
    expect(await look).toBe('overloaded');
    const pauses = starts.map((at, index) => at - (starts[index - 1] ?? 0));
    expect(pauses.slice(2)).toEqual([...pauses.slice(2)].sort((a, b) => a - b));
    expect(pauses.at(-1)).toBeGreaterThan(5_000);
  });

  it('replaces a thread that does not come up', () => {
    const trial = createTrial();
    trial.clock.advance(defaultSlotLimits.startMaxMs);
    trial.clock.advance(0);
    expect(trial.threads).toHaveLength(2);
    expect(trial.slot.ready).toBe(false);
    trial.ready(1);
    expect(trial.slot.ready).toBe(true);
  });

  it('lets a thread that grew too large work on until its successor is ready', async () => {
    const trial = createTrial();
    trial.ready(0);
    const first = trial.look();
    trial.answer(0, 0, defaultSlotLimits.memoryMaxBytes + 1);
    expect(await first).toBe('looked');
    const between = trial.look();
    trial.ready(1);
    expect(trial.threads[0]?.ended).toBe(null);
    const after = trial.look();
    trial.answer(0, 1);
    trial.answer(1, 2);
    expect(await Promise.all([between, after])).toEqual(['looked', 'looked']);
    expect(trial.threads[0]?.ended).toBe('stop');
    expect(trial.replaced).toEqual(['memory']);
  });

  it('replaces a thread after so many pictures', async () => {
    const trial = createTrial();
    trial.ready(0);
    for (let id = 0; id < 10; id++) {
      const look = trial.look();
      trial.answer(0, id);
      await look;
    }
    trial.ready(1);
    expect(trial.replaced).toEqual(['age']);
    expect(trial.threads.map(({ ended }) => ended)).toEqual(['stop', null]);
  });

  it('ends with all its threads and timers', async () => {
    const trial = createTrial();
    trial.ready(0);
    const looks = [trial.look(), trial.look(), trial.look()];
    await trial.slot.close();
    expect(await Promise.all(looks)).toEqual(['closed', 'closed', 'closed']);
    expect(await trial.look()).toBe('closed');
    trial.clock.advance(1_000_000);
    await turn();
    expect(trial.threads.map(({ ended }) => ended)).toEqual(['stop']);
    expect(trial.replaced).toEqual([]);
  });
});
