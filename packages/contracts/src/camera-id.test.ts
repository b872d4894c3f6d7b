import { describe, expect, it } from '@jest/globals';
import { cameraIdSchema, mediaPath, parseMediaPath } from './camera-id.ts';

describe('camera id', () => {
  it.each(['a', 'front-door', '0', 'a'.repeat(63)])('accepts the DNS label %s', (id) => {
    expect(cameraIdSchema.safeParse(id).success).toBe(true);
  });

  it.each(['', '-a', 'a-', 'Front', 'a_b', 'a/b', 'a.b', '../x', 'a'.repeat(64), 'é'])('refuses %j', (id) => {
    expect(cameraIdSchema.safeParse(id).success).toBe(false);
  });

  it('maps a stream to its MediaMTX path and back', () => {
    expect(parseMediaPath(mediaPath('front-door', 'main'))).toEqual({
      cameraId: 'front-door',
      quality: 'main',
    });
    expect(parseMediaPath(mediaPath('front-door', 'sub'))).toEqual({
      cameraId: 'front-door',
      quality: 'sub',
    });
    expect(parseMediaPath('front-door/other')).toBeUndefined();
  });
});
