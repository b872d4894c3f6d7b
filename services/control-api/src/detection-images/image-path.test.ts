import { describe, expect, it } from '@jest/globals';
import {
  isUnfinishedName,
  locateImage,
  locateScreenshot,
  parseImagePath,
  pathOf,
  screenshotNameOf,
} from './image-path.ts';

const frame = { cameraId: 'front-door', capturedAt: new Date('2026-11-21T13:36:51.123Z'), sequence: 42 };

describe('the path of an image', () => {
  it('consists of camera, day, time and sequence, and is parsed back', () => {
    const location = locateImage(frame);
    expect(location && pathOf(location)).toBe('front-door/2026-11-21/133651.123-42.jpg');
    expect(location && parseImagePath(pathOf(location))).toEqual(location);
  });

  it.each(['', '.', '..', '../x', 'a/b', 'a\\b', 'A', 'a\0', 'a '.repeat(40)])(
    'does not exist for the camera id %j',
    (cameraId) => {
      expect(locateImage({ ...frame, cameraId })).toBeUndefined();
    },
  );

  it.each([-1, 1.5, Number.NaN, Infinity, 1e21])('does not exist for the sequence %d', (sequence) => {
    expect(locateImage({ ...frame, sequence })).toBeUndefined();
  });

  it('does not exist for a year of more than four digits', () => {
    expect(locateImage({ ...frame, capturedAt: new Date('+010000-01-01T00:00:00Z') })).toBeUndefined();
  });

  it.each([
    '',
    '/etc/passwd',
    '../../etc/passwd',
    'front-door/../../etc/passwd',
    'front-door/2026-11-21/../133651.123-42.jpg',
    'front-door/2026-11-21/133651.123-42.jpg/',
    '/front-door/2026-11-21/133651.123-42.jpg',
    'front-door/2026-11-21/133651.123-42.jpg\n',
    'front-door/2026-11-21/.133651.123-42.jpg.x.part',
    'front-door//133651.123-42.jpg',
    'front-door/2026-11-21/133651.123-42.png',
  ])('rejects %j', (path) => {
    expect(parseImagePath(path)).toBeUndefined();
  });

  it('is one file name for the images of one camera, and built from it again', () => {
    const path = 'front-door/2026-11-21/133651.123-42.jpg';
    expect(screenshotNameOf(path)).toBe('2026-11-21-133651.123-42.jpg');
    expect(locateScreenshot('front-door', '2026-11-21-133651.123-42.jpg')).toEqual({
      ...{ cameraId: 'front-door', path },
      capturedAtMs: frame.capturedAt.getTime(),
    });
    expect(screenshotNameOf('front-door/secret')).toBeUndefined();
  });

  it.each([
    '',
    '2026-11-21/133651.123-42.jpg',
    '2026-13-41-133651.123-42.jpg',
    '../../etc/passwd',
    '2026-11-21-../133651.123-42.jpg',
    '2026-11-21-133651.123-42.jpg/..',
    '2026-11-21-133651.123-42.jpg\0',
    '../2026-11-21-133651.123-42.jpg',
  ])('is not built from the file name %j', (name) => {
    expect(locateScreenshot('front-door', name)).toBeUndefined();
    expect(locateScreenshot('../front-door', '2026-11-21-133651.123-42.jpg')).toBeUndefined();
  });

  it('recognizes the file of an interrupted write', () => {
    expect(isUnfinishedName('.133651.123-42.jpg.k3x9.part')).toBe(true);
    expect(isUnfinishedName('.keep')).toBe(false);
    expect(isUnfinishedName('133651.123-42.jpg')).toBe(false);
  });
});
