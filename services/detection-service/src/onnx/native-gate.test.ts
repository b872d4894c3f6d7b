import { describe, expect, it } from '@jest/globals';
import { createNativeGate, throughGate } from './native-gate.ts';

/** Both sides of a gate, and a call that the test ends. */
function harness() {
  const gate = createNativeGate();
  let ended = 0;
  const go = throughGate(gate.memory, () => ended++);
  const call = Promise.withResolvers<string>();
  return { gate, go, call, ended: () => ended };
}

describe('createNativeGate', () => {
  it('passes calls, with their results and errors', async () => {
    const { go } = harness();
    expect(await go(() => Promise.resolve(7))).toBe(7);
    await expect(go(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await go(() => Promise.resolve(8))).toBe(8);
  });

  it('shuts at once when no call is in progress, and refuses further calls', async () => {
    const { gate, go } = harness();
    await go(() => Promise.resolve());
    expect(await gate.shut(0)).toBe(true);
    let called = false;
    const late = go(() => {
      called = true;
      return Promise.resolve();
    });
    await expect(late).rejects.toThrow('the thread is stopping');
    expect(called).toBe(false);
  });

  it('shuts after the call in progress', async () => {
    const { gate, go, call, ended } = harness();
    const inside = go(() => call.promise);
    let isShut = false;
    const shutting = gate.shut(20_000).then((result) => {
      isShut = true;
      return result;
    });
    await new Promise(setImmediate);
    expect(isShut).toBe(false);
    call.resolve('done');
    expect(await inside).toBe('done');
    expect(await shutting).toBe(true);
    expect(ended()).toBe(0);
  });

  it('abandons a call that does not end, and exits its thread when it does', async () => {
    const { gate, go, call, ended } = harness();
    const inside = go(() => call.promise);
    expect(await gate.shut(1)).toBe(false);
    expect(ended()).toBe(0);
    call.resolve('done');
    await inside;
    expect(ended()).toBe(1);
  });
});
