import { describe, expect, it } from '@jest/globals';
import { maxUnavailableOf, maxUnavailableValue } from './max-unavailable.ts';

describe('the limit of unavailable cameras', () => {
  it.each<[text: string, cameras: number, max: number]>([
    ['1', 1000, 1],
    ['25', 8, 25],
    ['10%', 1000, 100],
    ['10%', 8, 1],
    ['10%', 11, 2],
    ['1%', 0, 1],
    ['100%', 8, 8],
  ])('%s of %i cameras is %i', (text, cameras, max) => {
    expect(maxUnavailableOf(maxUnavailableValue.parse(text), cameras)).toBe(max);
  });

  it.each(['0', '0%', '101%', '-1', '1.5', '10 %', 'all', '', '1000000', '٣'])('rejects %p', (text) => {
    const parsed = maxUnavailableValue.safeParse(text);
    expect(parsed.error?.issues[0]?.message).toBe(
      'must be a number of cameras, 1 or more, or a percentage from 1% to 100%',
    );
  });
});
