import { describe, expect, it } from '@jest/globals';
import { RecentBoxes, boxCaption, boxPixels, boxesMax, captionPlace } from './detection-boxes.ts';

const box = { x: 0.25, y: 0.5, width: 0.5, height: 0.25, label: 'person', confidence: 0.874 };
const size = { width: 400, height: 200 };

describe('detection boxes', () => {
  it('expire after a second', () => {
    const recent = new RecentBoxes();
    recent.set([box], 5000);
    expect(recent.at(5999)).toEqual([box]);
    expect(recent.at(6000)).toEqual([]);
  });

  it('are limited in number', () => {
    const recent = new RecentBoxes();
    recent.set(
      Array.from({ length: 1000 }, () => box),
      0,
    );
    expect(recent.at(0)).toHaveLength(boxesMax);
  });

  it('are converted to pixels and clipped to the frame', () => {
    expect(boxPixels(box, size)).toEqual({ left: 100, top: 100, right: 300, bottom: 150 });
    expect(boxPixels({ ...box, x: -1, width: 3 }, size)).toEqual({
      left: 0,
      top: 100,
      right: 399,
      bottom: 150,
    });
  });

  it.each([
    { ...box, width: 0 },
    { ...box, x: 1.5 },
    { ...box, y: Number.NaN },
  ])('are not drawn if invalid or outside: %j', (bad) => {
    expect(boxPixels(bad, size)).toBeNull();
  });

  it('have a caption with label and confidence', () => {
    expect(boxCaption(box)).toBe('person 87%');
    expect(boxCaption({ ...box, confidence: 7 })).toBe('person 100%');
  });

  it('keep their caption inside the frame', () => {
    const caption = { width: 120, height: 20 };
    expect(captionPlace({ left: 101, top: 100, right: 300, bottom: 150 }, caption, size)).toEqual({
      x: 100,
      y: 80,
    });
    expect(captionPlace({ left: 350, top: 5, right: 399, bottom: 60 }, caption, size)).toEqual({
      x: 280,
      y: 4,
    });
    expect(
      captionPlace({ left: 0, top: 0, right: 9, bottom: 9 }, { width: 900, height: 20 }, size),
    ).toBeNull();
  });
});
