import { describe, expect, it } from '@jest/globals';
import { shrunkLuma } from './luma.ts';

describe('shrunkLuma', () => {
  it('weights colours (BT.601)', () => {
    const data = Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
    const { data: grey } = shrunkLuma({ data, width: 4, height: 1, channels: 3 }, 1);
    expect([...grey]).toEqual([76, 149, 28, 255]);
  });

  it('averages squares and cuts off the remainder at the edges', () => {
    const data = Uint8Array.from([10, 20, 99, 30, 40, 99, 99, 99, 99]);
    const small = shrunkLuma({ data, width: 3, height: 3, channels: 1 }, 2);
    expect({ ...small, data: [...small.data] }).toEqual({ width: 1, height: 1, data: [25] });
  });
});
