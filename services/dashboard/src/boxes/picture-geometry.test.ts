import { describe, expect, it } from '@jest/globals';
import { containedRectangle, cutAround, wholePicture, withinCut } from './picture-geometry.ts';

const wide = { width: 1600, height: 900 };

describe('a picture within its element', () => {
  it('has bars beside it or above it, as its shape asks for', () => {
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

  it('is nowhere before its size is known', () => {
    expect(containedRectangle({ width: 400, height: 200 }, { width: 0, height: 0 })).toBeNull();
  });
});

describe('the cut around a box', () => {
  it('has the box in its middle and the shape that was asked for', () => {
    const cut = cutAround({ x: 0.4, y: 0.3, width: 0.1, height: 0.4 }, wide, 4 / 3);
    expect((cut.width * wide.width) / (cut.height * wide.height)).toBeCloseTo(4 / 3);
    expect(cut.x + cut.width / 2).toBeCloseTo(0.45);
    expect(cut.y + cut.height / 2).toBeCloseTo(0.5);
    expect(cut.height).toBeCloseTo(0.4 / 0.55);
  });

  it('stays within the picture for a box at its edge', () => {
    const cut = cutAround({ x: 0, y: 0.9, width: 0.05, height: 0.1 }, wide, 16 / 9);
    expect(cut.x).toBe(0);
    expect(cut.y + cut.height).toBeCloseTo(1);
  });

  it('does not enlarge a small box without limit', () => {
    const cut = cutAround({ x: 0.5, y: 0.5, width: 0.001, height: 0.001 }, wide, 16 / 9);
    expect(cut.height).toBeCloseTo(0.3);
  });

  it('is as much of the picture as fits for a box that fills it', () => {
    expect(cutAround(wholePicture, wide, 16 / 9)).toEqual({ ...wholePicture });
    const cut = cutAround(wholePicture, { width: 900, height: 1600 }, 16 / 9);
    expect(cut.width).toBeCloseTo(1);
    expect((cut.width * 900) / (cut.height * 1600)).toBeCloseTo(16 / 9);
  });

  it('says where the box is within it', () => {
    const cut = { x: 0.25, y: 0.5, width: 0.5, height: 0.5 };
    expect(withinCut({ x: 0.5, y: 0.5, width: 0.25, height: 0.25 }, cut)).toEqual({
      x: 0.5,
      y: 0,
      width: 0.5,
      height: 0.5,
    });
  });
});
