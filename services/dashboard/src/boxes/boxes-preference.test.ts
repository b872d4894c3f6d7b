import { describe, expect, it } from '@jest/globals';
import { createBoxesPreference } from './boxes-preference.ts';

describe('the boxes preference', () => {
  it('is on by default and is remembered', () => {
    const kept = new Map<string, string>();
    const storage = () => ({
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    });
    const preference = createBoxesPreference(storage);
    expect(preference.current()).toBe(true);
    let changes = 0;
    preference.subscribe(() => (changes += 1));
    preference.set(false);
    expect(changes).toBe(1);
    expect(createBoxesPreference(storage).current()).toBe(false);
  });

  it('works without browser storage', () => {
    const preference = createBoxesPreference(() => {
      throw new Error('storage is forbidden');
    });
    preference.set(false);
    expect(preference.current()).toBe(false);
  });
});
