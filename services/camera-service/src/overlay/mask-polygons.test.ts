import { describe, expect, it } from '@jest/globals';
import { maskPixels } from './mask-polygons.ts';

const polygon = (...points: [number, number][]) => ({ name: '', points: points.map(([x, y]) => ({ x, y })) });

describe('a privacy mask in pixels', () => {
  it('reaches every edge of the frame with coordinates from 0 to 1', () => {
    expect(maskPixels(polygon([0, 0], [1, 0], [1, 1], [0, 1]), { width: 640, height: 360 })).toEqual([
      0, 0, 639, 0, 639, 359, 0, 359,
    ]);
  });

  it('maps a point to the pixel that contains it', () => {
    expect(
      maskPixels(polygon([0.5, 0.25], [0.999, 0.999], [0.001, 0.5]), { width: 100, height: 100 }),
    ).toEqual([50, 25, 99, 99, 0, 50]);
  });
});
