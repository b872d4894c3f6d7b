import { describe, expect, it } from '@jest/globals';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import type { StartThread, ThreadEvents } from './detection-thread.ts';
import type { FromDetectionWorker, DetectRequest } from './worker-messages.ts';
import { createWorkerSlot, defaultSlotLimits } from './worker-slot.ts';

const request: DetectRequest = {
  cameraId: 'front-door',
  capturedAt: 0,
  jpeg: new Uint8Array(),
  detectors: ['motion'],
  minConfidence: 0.5,
  zones: [],
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A slot with simulated threads. */
function createTrial() {
  const clock = createSimulatedClock();
  const threads: {
    events: ThreadEvents;
    requests: number[];
    loaded: string[];
    ended: 'stop' | 'terminate' | null;
  }[] = [];
  const replaced: string[] = [];
  const startThread: StartThread = (events) => {
    const thread: (typeof threads)[number] = { events, requests: [], loaded: [], ended: null };
    threads.push(thread);
    const end = async (how: 'stop' | 'terminate') => {
      if (thread.ended !== null) return;
      thread.ended = how;
      events.onExit(null);
    };
    return {
      post: (message) => {
        if (message.type === 'detect') thread.requests.push(message.id);
        if (message.type === 'load') thread.loaded.push(message.capabilities.join('+'));
      },
      stop: () => end('stop'),
      terminate: () => end('terminate'),
    };
  };
  const slot = createWorkerSlot({
    startThread,
    limits: { ...defaultSlotLimits, waitingMax: 3, framesMax: 10 },
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
      tell(thread, { type: 'detected', id, memoryBytes, width: 1, height: 1, results: [] }),
    crash: (thread: number) => threads[thread]?.events.onExit(new Error('boom')),
    /** The outcome of a request. */
    detect: (changes: Partial<DetectRequest> = {}) =>
      slot.detect({ ...request, ...changes }).then(
        () => 'detected',
        (error: { kind: string }) => error.kind,
      ),
  };
}

describe('a worker slot', () => {
  it('starts its thread with the first request and loads what the request needs', async () => {
    const trial = createTrial();
    expect(trial.threads).toEqual([]);
    expect(trial.slot.healthy).toBe(true);
    const first = trial.detect();
    expect(trial.threads[0]).toMatchObject({ loaded: ['opencv'], requests: [] });
    trial.ready(0);
    trial.answer(0, 0);
    expect(await first).toBe('detected');
    const onnx = trial.detect({ detectors: ['onnx'] });
    expect(trial.threads[0]).toMatchObject({ loaded: ['opencv', 'opencv+model'], requests: [0] });
    trial.ready(0);
    trial.answer(0, 1);
    expect(await onnx).toBe('detected');
    expect(trial.threads).toHaveLength(1);
  });

  it('does not load OpenCV for a camera whose detectors do not need it', () => {
    const trial = createTrial();
    void trial.detect({ detectors: ['onnx'] });
    expect(trial.threads[0]?.loaded).toEqual(['model']);
  });

  it('stops an idle thread and starts another one for the next request', async () => {
    const trial = createTrial();
    const first = trial.detect();
    trial.ready(0);
    trial.answer(0, 0);
    await first;
    trial.clock.advance(defaultSlotLimits.idleMaxMs - 1);
    const second = trial.detect();
    trial.answer(0, 1);
    await second;
    trial.clock.advance(defaultSlotLimits.idleMaxMs - 1);
    expect(trial.threads[0]?.ended).toBe(null);
    trial.clock.advance(1);
    expect(trial.threads[0]?.ended).toBe('stop');
    expect(trial.slot.healthy).toBe(true);
    const third = trial.detect();
    expect(trial.threads).toHaveLength(2);
    trial.ready(1);
    trial.answer(1, 2);
    expect(await third).toBe('detected');
    expect(trial.replaced).toEqual([]);
  });

  it('keeps a single image waiting while its thread starts, and drops a frame that is too old', async () => {
    const trial = createTrial();
    const image = trial.detect({ cameraId: null });
    const frame = trial.detect();
    trial.clock.advance(defaultSlotLimits.waitMaxMs);
    expect(await frame).toBe('overloaded');
    trial.ready(0);
    trial.answer(0, 0);
    expect(await image).toBe('detected');
  });

  it('sends few requests at a time to a ready thread, and rejects more than may wait', async () => {
    const trial = createTrial();
    const requests = Array.from({ length: 4 }, () => trial.detect());
    expect(trial.threads[0]?.requests).toEqual([]);
    expect(await requests[3]).toBe('overloaded');
    trial.ready(0);
    expect(trial.threads[0]?.requests).toEqual([0, 1]);
    trial.answer(0, 0);
    expect(trial.threads[0]?.requests).toEqual([0, 1, 2]);
    trial.answer(0, 1);
    trial.answer(0, 2);
    expect(await Promise.all(requests.slice(0, 3))).toEqual(['detected', 'detected', 'detected']);
  });

  it('replaces a thread that crashed: requests in flight fail, waiting ones continue', async () => {
    const trial = createTrial();
    void trial.slot.warmUp(['opencv']);
    trial.ready(0);
    const requests = [trial.detect(), trial.detect(), trial.detect()];
    trial.crash(0);
    expect(await Promise.all(requests.slice(0, 2))).toEqual(['worker-lost', 'worker-lost']);
    trial.clock.advance(0);
    trial.ready(1);
    trial.answer(1, 2);
    expect(await requests[2]).toBe('detected');
    expect(trial.replaced).toEqual(['crashed']);
  });

  it('replaces a thread that hangs', async () => {
    const trial = createTrial();
    void trial.slot.warmUp(['opencv']);
    trial.ready(0);
    const requests = [trial.detect(), trial.detect()];
    trial.clock.advance(defaultSlotLimits.detectMaxMs);
    expect(await Promise.all(requests)).toEqual(['timeout', 'worker-lost']);
    expect(trial.threads[0]?.ended).toBe('terminate');
    void trial.detect();
    trial.clock.advance(0);
    expect(trial.threads).toHaveLength(2);
    expect(trial.replaced).toEqual(['hung']);
  });

  it('backs off when threads keep crashing, and frames do not wait forever', async () => {
    const trial = createTrial();
    const starts: number[] = [];
    const outcomes: Promise<string>[] = [trial.detect()];
    for (let count = 0; count < 8; count++) {
      trial.crash(trial.threads.length - 1);
      const before = trial.threads.length;
      while (trial.threads.length === before) {
        trial.clock.advance(100);
        outcomes.push(trial.detect());
      }
      starts.push(trial.clock.now());
    }
    expect(trial.slot.healthy).toBe(false);
    expect(await outcomes[0]).toBe('overloaded');
    const pauses = starts.map((at, index) => at - (starts[index - 1] ?? 0));
    expect(pauses.slice(2)).toEqual([...pauses.slice(2)].sort((a, b) => a - b));
    expect(pauses.at(-1)).toBeGreaterThan(5_000);
  });

  it('replaces a thread that does not become ready', () => {
    const trial = createTrial();
    void trial.detect({ cameraId: null });
    trial.clock.advance(defaultSlotLimits.startMaxMs - 1);
    void trial.detect();
    trial.clock.advance(1);
    trial.clock.advance(0);
    expect(trial.threads).toHaveLength(2);
    expect(trial.slot.healthy).toBe(false);
    trial.ready(1);
    expect(trial.slot.healthy).toBe(true);
  });

  it('lets a thread that is too large work on until its successor is ready', async () => {
    const trial = createTrial();
    void trial.slot.warmUp(['opencv']);
    trial.ready(0);
    const first = trial.detect();
    trial.answer(0, 0, defaultSlotLimits.memoryMaxBytes + 1);
    expect(await first).toBe('detected');
    const between = trial.detect();
    expect(trial.threads[1]?.loaded).toEqual(['opencv']);
    trial.ready(1);
    expect(trial.threads[0]?.ended).toBe(null);
    const after = trial.detect();
    trial.answer(0, 1);
    trial.answer(1, 2);
    expect(await Promise.all([between, after])).toEqual(['detected', 'detected']);
    expect(trial.threads[0]?.ended).toBe('stop');
    expect(trial.replaced).toEqual(['memory']);
  });

  it('replaces a thread after many frames', async () => {
    const trial = createTrial();
    void trial.slot.warmUp(['opencv']);
    trial.ready(0);
    for (let id = 0; id < 10; id++) {
      const request = trial.detect();
      trial.answer(0, id);
      await request;
    }
    trial.ready(1);
    expect(trial.replaced).toEqual(['age']);
    expect(trial.threads.map(({ ended }) => ended)).toEqual(['stop', null]);
  });

  it('closes with all its threads and timers', async () => {
    const trial = createTrial();
    void trial.slot.warmUp(['opencv']);
    trial.ready(0);
    const requests = [trial.detect(), trial.detect(), trial.detect()];
    await trial.slot.close();
    expect(await Promise.all(requests)).toEqual(['closed', 'closed', 'closed']);
    expect(await trial.detect()).toBe('closed');
    trial.clock.advance(1_000_000);
    await turn();
    expect(trial.threads.map(({ ended }) => ended)).toEqual(['stop']);
    expect(trial.replaced).toEqual([]);
  });
});
