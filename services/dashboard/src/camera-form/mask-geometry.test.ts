import { describe, expect, it } from '@jest/globals';
import { polygonSchema } from '@camplane/contracts/camera';
import { middleBox, movedByKey, pointAt, polygonPoints, withPoint, withoutPoint } from './mask-geometry.ts';

const box = { left: 100, top: 50, width: 400, height: 200 };

describe('the points of a mask', () => {
  it('are fractions, clamped to the image', () => {
    expect(pointAt(300, 150, box)).toEqual({ x: 0.5, y: 0.5 });
    expect(pointAt(0, 999, box)).toEqual({ x: 0, y: 1 });
    expect(pointAt(233, 151, box)).toEqual({ x: 0.3325, y: 0.505 });
  });

  it('move with the arrow keys, further with Shift, and stop at the edge', () => {
    expect(movedByKey({ x: 0.5, y: 0.5 }, 'ArrowRight', false)).toEqual({ x: 0.505, y: 0.5 });
    expect(movedByKey({ x: 0.5, y: 0.5 }, 'ArrowUp', true)).toEqual({ x: 0.5, y: 0.45 });
    expect(movedByKey({ x: 0, y: 1 }, 'ArrowLeft', true)).toEqual({ x: 0, y: 1 });
    expect(movedByKey({ x: 0, y: 0 }, 'Enter', false)).toBeNull();
  });

  it('are replaced and removed by index', () => {
    const mask = { name: 'm', points: middleBox() };
    expect(withPoint(mask, 1, { x: 1, y: 0 }).points[1]).toEqual({ x: 1, y: 0 });
    expect(withoutPoint(mask, 0).points).toEqual(middleBox().slice(1));
  });

  it('of the initial box form a valid mask', () => {
    expect(polygonSchema.safeParse({ name: '', points: middleBox() }).success).toBe(true);
    expect(polygonPoints(middleBox())).toBe('40,40 60,40 60,60 40,60');
  });
});
