import { describe, expect, it } from '@jest/globals';
import { maxAway, maxUnavailableValue } from './max-unavailable.ts';

describe('the limit of cameras that are away', () => {
  it.each<[text: string, cameras: number, most: number]>([
    ['1', 1000, 1],
    ['25', 8, 25],
    ['10%', 1000, 100],
    ['10%', 8, 1],
    ['10%', 11, 2],
    ['1%', 0, 1],
    ['100%', 8, 8],
  ])('%s of %i cameras are %i', (text, cameras, most) => {
    expect(maxAway(maxUnavailableValue.parse(text), cameras)).toBe(most);
  });

  it.each(['0', '0%', '101%', '-1', '1.5', '10 %', 'all', '', '1000000', '٣'])(
    'is not %p, and says what it may be',
    (text) => {
      const parsed = maxUnavailableValue.safeParse(text);
      expect(parsed.error?.issues[0]?.message).toBe(
        'must be a number of cameras, 1 or more, or a share of them from 1% to 100%',
      );
    },
  );
});
