import { describe, expect, it } from '@jest/globals';
import { textStyle, titleLayout } from './text-layout.ts';

const width = (text: string) => text.length * 18;
const clock = '2026-11-21 05:47:34';

describe('title layout', () => {
  it.each([
    { width: 1280, height: 720 },
    { width: 1920, height: 1080 },
    { width: 640, height: 360 },
    { width: 320, height: 240 },
    { width: 160, height: 120 },
    { width: 240, height: 1080 },
  ])('stays inside a frame of $width × $height, on even pixels', (size) => {
    const layout = titleLayout(size, clock, 'A camera with a very, very, very long name', width);
    if (layout === null) throw new Error('expected a layout');
    expect(layout.x + layout.widthPx).toBeLessThanOrEqual(size.width);
    expect(layout.y + layout.style.heightPx).toBeLessThanOrEqual(size.height);
    for (const value of [layout.x, layout.y, layout.widthPx, layout.style.heightPx])
      expect(value % 2).toBe(0);
  });

  it('grows with the frame', () => {
    const small = titleLayout({ width: 1280, height: 720 }, clock, '', width);
    const large = titleLayout({ width: 2560, height: 1440 }, clock, '', width);
    expect(large?.style.fontScale).toBeCloseTo(2 * (small?.style.fontScale ?? 0));
  });

  it('shortens a name that does not fit, with an ellipsis', () => {
    const layout = titleLayout(
      { width: 640, height: 360 },
      clock,
      'Warehouse, north-east loading dock, gate 7, camera 12',
      width,
    );
    expect(layout?.name).toMatch(/^Warehouse.*\.\.\.$/);
  });

  it('draws nothing without text or room', () => {
    expect(titleLayout({ width: 640, height: 360 }, '', '', width)).toBeNull();
    expect(titleLayout({ width: 32, height: 8 }, clock, 'x', width)).toBeNull();
  });

  it('leaves room for descenders below the base line', () => {
    const style = textStyle(1);
    expect(style.heightPx - style.baselinePx).toBeGreaterThanOrEqual(7 + style.rimPx);
  });
});
