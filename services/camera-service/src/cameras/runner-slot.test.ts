import { describe, expect, it } from '@jest/globals';
import { createRunnerSlot } from './runner-slot.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Runners record the calls; their stops end with `endStop`. */
function setUp(options: { create?: () => void } = {}) {
  const notes: string[] = [];
  const stops: { resolve(): void; reject(error: Error): void }[] = [];
  const slot = createRunnerSlot({
    create(config: string) {
      options.create?.();
      notes.push(`start ${config}`);
      return {
        apply: (next: string) => void notes.push(`apply ${next}`),
        stop: () => {
          notes.push('stop');
          return new Promise<void>((resolve, reject) => stops.push({ resolve, reject }));
        },
      };
    },
    onEnded: () => notes.push('ended'),
    onError: (error, action) => notes.push(`${action} failed: ${String(error)}`),
  });
  const endStop = async () => {
    stops.shift()?.resolve();
    await settle();
  };
  return { slot, notes, stops, endStop };
}

describe('a runner slot', () => {
  it('starts, updates and stops its runner', async () => {
    const { slot, notes, endStop } = setUp();
    slot.set('a');
    slot.set('b');
    slot.set(null);
    slot.set(null);
    expect([slot.runner, slot.isEnding]).toEqual([null, true]);
    await endStop();
    expect(notes).toEqual(['start a', 'apply b', 'stop', 'ended']);
    expect(slot.isEnding).toBe(false);
  });

  it('starts a successor after its predecessor has ended, with the latest configuration', async () => {
    const { slot, notes, endStop } = setUp();
    slot.set('a');
    slot.set(null);
    slot.set('b');
    slot.set('c');
    expect(notes).toEqual(['start a', 'stop']);
    await endStop();
    expect(notes).toEqual(['start a', 'stop', 'start c', 'ended']);
  });

  it('starts no successor that is no longer configured', async () => {
    const { slot, notes, endStop } = setUp();
    slot.set('a');
    slot.set(null);
    slot.set('b');
    slot.set(null);
    await endStop();
    expect(notes).toEqual(['start a', 'stop', 'ended']);
  });

  it('starts a successor although the stop failed', async () => {
    const { slot, notes, stops } = setUp();
    slot.set('a');
    slot.set(null);
    slot.set('b');
    stops[0]?.reject(new Error('stuck'));
    await settle();
    expect(notes).toEqual(['start a', 'stop', 'stopping failed: Error: stuck', 'start b', 'ended']);
  });

  it('retries a start that failed when it is configured again', () => {
    let isBroken = true;
    const { slot, notes } = setUp({
      create: () => {
        if (isBroken) throw new Error('invalid');
      },
    });
    slot.set('a');
    expect(slot.config).toBeNull();
    isBroken = false;
    slot.set('a');
    expect(notes).toEqual(['starting failed: Error: invalid', 'start a']);
  });

  it('starts nothing after it was closed', async () => {
    const { slot, notes, endStop } = setUp();
    slot.set('a');
    const closed = slot.close();
    slot.set('b');
    await endStop();
    await closed;
    expect(notes).toEqual(['start a', 'stop', 'ended']);
  });
});
