import { describe, expect, it } from '@jest/globals';
import { arranged, movedTo, pagesOf } from './wall-order.ts';

const cameras = ['a', 'b', 'c', 'd'].map((id) => ({ id }));
const idsOf = (list: { id: string }[]) => list.map(({ id }) => id).join('');

describe('the order of the wall', () => {
  it('starts with the saved cameras that exist; new ones follow', () => {
    expect(idsOf(arranged(cameras, []))).toBe('abcd');
    expect(idsOf(arranged(cameras, ['c', 'gone', 'a']))).toBe('cabd');
  });

  it('moves a camera to another place', () => {
    const ids = ['a', 'b', 'c', 'd'];
    expect(movedTo(ids, 'a', 2).join('')).toBe('bcad');
    expect(movedTo(ids, 'd', 1).join('')).toBe('adbc');
    expect(movedTo(ids, 'b', -1).join('')).toBe('bacd');
    expect(movedTo(ids, 'b', 99).join('')).toBe('acdb');
    expect(movedTo(ids, 'x', 0).join('')).toBe('abcd');
  });

  it('is split into pages', () => {
    expect(pagesOf(['a', 'b', 'c', 'd', 'e'], 4)).toEqual([['a', 'b', 'c', 'd'], ['e']]);
    expect(pagesOf(['a', 'b', 'c', 'd'], 4)).toHaveLength(1);
    expect(pagesOf([], 4)).toEqual([[]]);
  });
});
