/**
 * A thread must not be terminated during a call of ONNX Runtime: its binding throws an exception that nothing catches,
 * and the process aborts (seen with 1.30; also reported in its repository). A gate is shared by a thread and its owner:
 * the thread enters it for every call, and the owner shuts it before it terminates the thread.
 */
const open = 0;
const shut = 1;
const abandoned = 2;

const statePlace = 0;
const insidePlace = 1;

export type NativeGate = {
  /** Passed to the thread. */
  readonly memory: SharedArrayBuffer;
  /**
   * Refuses further calls. True: no call is in progress, and the thread may be terminated. False: a call did not end in
   * time; the thread must not be terminated, and exits when the call returns.
   */
  shut(deadlineMs: number): Promise<boolean>;
};

export function createNativeGate(): NativeGate {
  const memory = new SharedArrayBuffer(8);
  const places = new Int32Array(memory);
  return {
    memory,
    async shut(deadlineMs) {
      Atomics.store(places, statePlace, shut);
      if (Atomics.load(places, insidePlace) === 0) return true;
      const wait = Atomics.waitAsync(places, insidePlace, 1, deadlineMs);
      if ((await wait.value) !== 'timed-out') return true;
      Atomics.store(places, statePlace, abandoned);
      return Atomics.load(places, insidePlace) === 0;
    },
  };
}

/** The thread's side of a gate: runs a call, one at a time. */
export type ThroughGate = <T>(call: () => Promise<T>) => Promise<T>;

export function throughGate(memory: SharedArrayBuffer, endThread: () => void): ThroughGate {
  const places = new Int32Array(memory);
  return async (call) => {
    Atomics.store(places, insidePlace, 1);
    try {
      if (Atomics.load(places, statePlace) !== open) throw new Error('the thread is stopping');
      return await call();
    } finally {
      Atomics.store(places, insidePlace, 0);
      Atomics.notify(places, insidePlace);
      if (Atomics.load(places, statePlace) === abandoned) endThread();
    }
  };
}
