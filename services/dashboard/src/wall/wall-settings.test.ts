import { describe, expect, it } from '@jest/globals';
import { createWallSettings } from './wall-settings.ts';

function storageWith(text: string | null) {
  let stored = text;
  return {
    stored: () => stored,
    storage: () => ({
      getItem: () => stored,
      setItem: (_key: string, value: string) => void (stored = value),
    }),
  };
}

describe('the settings of the wall', () => {
  it('are kept in the browser', () => {
    const { storage } = storageWith(null);
    const settings = createWallSettings(storage);
    let changes = 0;
    settings.subscribe(() => (changes += 1));
    settings.change({ layout: 25, order: ['b', 'a'] });
    expect(changes).toBe(1);
    expect(createWallSettings(storage).current()).toEqual({ layout: 25, order: ['b', 'a'], tourSeconds: 20 });
  });

  it.each(['', 'nonsense', '[]', 'null', '{"layout":7,"order":"a","tourSeconds":-1}'])(
    'have defaults for unusable ones: %s',
    (text) => {
      const settings = createWallSettings(storageWith(text).storage);
      expect(settings.current()).toEqual({ layout: 9, order: [], tourSeconds: 20 });
    },
  );

  it('last as long as the page if the browser stores nothing', () => {
    const settings = createWallSettings(() => {
      throw new Error('forbidden');
    });
    settings.change({ layout: 1 });
    expect(settings.current().layout).toBe(1);
  });
});
