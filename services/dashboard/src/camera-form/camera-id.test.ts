import { describe, expect, it } from '@jest/globals';
import { cameraIdSchema } from '@camplane/contracts/camera-id';
import fc from 'fast-check';
import { suggestCameraId } from './camera-id.ts';

describe('the id suggested for a name', () => {
  it.each([
    ['Front door', 'front-door'],
    ['  Café – Straße 2 ', 'cafe-strasse-2'],
    ['門', ''],
    ['-- ', ''],
  ])('%j becomes %j', (name, id) => {
    expect(suggestCameraId(name)).toBe(id);
  });

  it('is valid or empty, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (name) => {
        const id = suggestCameraId(name);
        return id === '' || cameraIdSchema.safeParse(id).success;
      }),
    );
  });
});
