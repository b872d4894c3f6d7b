import { describe, expect, it } from '@jest/globals';
import { cameraIdSchema } from '@camplane/contracts/camera-id';
import fc from 'fast-check';
import { suggestCameraId } from './camera-id.ts';

describe('suggestCameraId', () => {
  it.each([
    ['Front door', 'front-door'],
    ['  Café – Straße 2 ', 'cafe-strasse-2'],
    ['門', ''],
    ['-- ', ''],
  ])('converts %j to %j', (name, id) => {
    expect(suggestCameraId(name)).toBe(id);
  });

  it('returns a valid id or an empty string for any name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (name) => {
        const id = suggestCameraId(name);
        return id === '' || cameraIdSchema.safeParse(id).success;
      }),
    );
  });
});
