import { describe, expect, it } from '@jest/globals';
import { isUnfinishedName, parsePicturePath, pathOf, placeOf } from './picture-path.ts';

const frame = { cameraId: 'front-door', capturedAt: new Date('2026-11-21T13:36:51.123Z'), sequence: 42 };

describe('the path of a picture', () => {
  it('is made of camera, day, time and sequence, and read back', () => {
    const place = placeOf(frame);
    expect(place && pathOf(place)).toBe('front-door/2026-11-21/133651.123-42.jpg');
    expect(place && parsePicturePath(pathOf(place))).toEqual(place);
  });

  it.each(['', '.', '..', '../x', 'a/b', 'a\\b', 'A', 'a\0', 'a '.repeat(40)])(
    'is not made for the camera %j',
    (cameraId) => {
      expect(placeOf({ ...frame, cameraId })).toBeUndefined();
    },
  );

  it.each([-1, 1.5, Number.NaN, Infinity, 1e21])('is not made for the sequence %d', (sequence) => {
    expect(placeOf({ ...frame, sequence })).toBeUndefined();
  });

  it('is not made for a year of more than four digits', () => {
    expect(placeOf({ ...frame, capturedAt: new Date('+010000-01-01T00:00:00Z') })).toBeUndefined();
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
  ])('%j is not one of ours', (path) => {
    expect(parsePicturePath(path)).toBeUndefined();
  });

  it('tells what a cut-off write left', () => {
    expect(isUnfinishedName('.133651.123-42.jpg.k3x9.part')).toBe(true);
    expect(isUnfinishedName('.keep')).toBe(false);
    expect(isUnfinishedName('133651.123-42.jpg')).toBe(false);
  });
});
