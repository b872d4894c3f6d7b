import { describe, expect, it } from '@jest/globals';
import { createBoxesPreference } from './boxes-preference.ts';

describe('the switch for boxes', () => {
  it('is on at first, and remembered', () => {
    const kept = new Map<string, string>();
    const storage = () => ({
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    });
    const preference = createBoxesPreference(storage);
    expect(preference.current()).toBe(true);
    let told = 0;
    preference.subscribe(() => (told += 1));
    preference.set(false);
    expect(told).toBe(1);
    expect(createBoxesPreference(storage).current()).toBe(false);
  });

  it('works where the browser stores nothing', () => {
    const preference = createBoxesPreference(() => {
      throw new Error('storage is forbidden');
    });
    preference.set(false);
    expect(preference.current()).toBe(false);
  });
});
