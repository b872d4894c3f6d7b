import { getEventListeners } from 'node:events';
import { describe, expect, it, jest } from '@jest/globals';
import { onAbort, raceAbort, whenAborted } from './abort.ts';

describe('onAbort', () => {
  it('calls the listener once when the signal is aborted', () => {
    const controller = new AbortController();
    const listener = jest.fn();
    onAbort(controller.signal, listener);
    expect(listener).not.toHaveBeenCalled();
    controller.abort();
    controller.abort();
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('calls the listener immediately if the signal is already aborted', () => {
    const listener = jest.fn();
    onAbort(AbortSignal.abort(), listener);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('does not call a listener that was removed', () => {
    const controller = new AbortController();
    const listener = jest.fn();
    onAbort(controller.signal, listener)();
    controller.abort();
    expect(listener).not.toHaveBeenCalled();
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('removes only its own listener where the same function is registered twice', () => {
    const controller = new AbortController();
    const listener = jest.fn();
    onAbort(controller.signal, listener);
    onAbort(controller.signal, listener)();
    controller.abort();
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

describe('whenAborted', () => {
  it('resolves when the signal is aborted', async () => {
    const controller = new AbortController();
    const aborted = whenAborted(controller.signal);
    controller.abort();
    await expect(aborted).resolves.toBeUndefined();
    await expect(whenAborted(controller.signal)).resolves.toBeUndefined();
  });
});

describe('raceAbort', () => {
  it('settles as the promise does and removes its listener', async () => {
    const { signal } = new AbortController();
    await expect(raceAbort(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(raceAbort(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('rejects with the reason when the signal is aborted first', async () => {
    const controller = new AbortController();
    const race = raceAbort(new Promise(() => undefined), controller.signal);
    controller.abort(new Error('shutting down'));
    await expect(race).rejects.toThrow('shutting down');
    await expect(raceAbort(Promise.resolve(1), controller.signal)).rejects.toThrow('shutting down');
  });
});
