import { describe, expect, it } from '@jest/globals';
import { containedRectangle, cropAround, fullFrame, boxInCrop } from './frame-geometry.ts';

const wide = { width: 1600, height: 900 };

describe('containedRectangle', () => {
  it('centres the frame, with bars on two sides', () => {
    expect(containedRectangle({ width: 400, height: 200 }, { width: 100, height: 100 })).toEqual({
      x: 100,
      y: 0,
      width: 200,
      height: 200,
    });
    expect(containedRectangle({ width: 100, height: 300 }, { width: 640, height: 640 })).toEqual({
      x: 0,
      y: 100,
      width: 100,
      height: 100,
    });
  });

  it('returns null before the size is known', () => {
    expect(containedRectangle({ width: 400, height: 200 }, { width: 0, height: 0 })).toBeNull();
  });
});

describe('cropAround', () => {
  it('centres the box and has the given aspect', () => {
    const crop = cropAround({ x: 0.4, y: 0.3, width: 0.1, height: 0.4 }, wide, 4 / 3);
    expect((crop.width * wide.width) / (crop.height * wide.height)).toBeCloseTo(4 / 3);
    expect(crop.x + crop.width / 2).toBeCloseTo(0.45);
    expect(crop.y + crop.height / 2).toBeCloseTo(0.5);
    expect(crop.height).toBeCloseTo(0.4 / 0.55);
  });

  it('stays within the frame for a box at the edge', () => {
    const crop = cropAround({ x: 0, y: 0.9, width: 0.05, height: 0.1 }, wide, 16 / 9);
    expect(crop.x).toBe(0);
    expect(crop.y + crop.height).toBeCloseTo(1);
  });

  it('limits the zoom on a small box', () => {
    const crop = cropAround({ x: 0.5, y: 0.5, width: 0.001, height: 0.001 }, wide, 16 / 9);
    expect(crop.height).toBeCloseTo(0.3);
  });

  it('takes as much of the frame as fits for a box that fills it', () => {
    expect(cropAround(fullFrame, wide, 16 / 9)).toEqual({ ...fullFrame });
    const crop = cropAround(fullFrame, { width: 900, height: 1600 }, 16 / 9);
    expect(crop.width).toBeCloseTo(1);
    expect((crop.width * 900) / (crop.height * 1600)).toBeCloseTo(16 / 9);
  });

  it('converts the box to the crop', () => {
    const crop = { x: 0.25, y: 0.5, width: 0.5, height: 0.5 };
    expect(boxInCrop({ x: 0.5, y: 0.5, width: 0.25, height: 0.25 }, crop)).toEqual({
      x: 0.5,
      y: 0,
      width: 0.5,
      height: 0.5,
    });
  });
});
