import { describe, expect, it } from '@jest/globals';
import { createCameraSchema, replaceCameraSchema } from './camera-http.ts';
import { cameraResourceSpecSchema } from './camera-resource.ts';
import { camerasFileSchema } from './cameras-file.ts';
import { fieldsOf } from './problem.ts';

const source = { url: 'test:testsrc2' };
const homekit = { enabled: true };

describe('homekit.enabled: true', () => {
  it('is refused in a request, with the reason', () => {
    for (const parsed of [
      createCameraSchema.safeParse({ id: 'a', source, homekit }),
      replaceCameraSchema.safeParse({ source, homekit }),
    ]) {
      expect(parsed.error && fieldsOf(parsed.error)).toEqual([
        {
          path: 'homekit.enabled',
          message: 'HomeKit is not available in this version; leave homekit.enabled false',
        },
      ]);
    }
  });

  it('is read from a camera that an earlier version stored', () => {
    expect(cameraResourceSpecSchema.parse({ source, homekit }).homekit).toEqual(homekit);
    const [camera] = camerasFileSchema.parse({ cameras: [{ id: 'a', source, homekit }] }).cameras;
    expect(camera?.homekit).toEqual(homekit);
  });

  it.each([undefined, {}, { enabled: false }])('is not needed: %j is accepted', (given) => {
    expect(replaceCameraSchema.parse({ source, homekit: given }).homekit).toEqual({ enabled: false });
  });
});
