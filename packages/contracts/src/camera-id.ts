import { z } from 'zod';

/**
 * Camera id: resource name, MediaMTX path and topic key. A DNS label (RFC 1123, section 2.1) is valid as all three
 * without escaping.
 */
export const cameraIdSchema = z
  .string()
  .min(1, 'must not be empty')
  .max(63, 'must be at most 63 characters')
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    'must be a DNS label: lower-case letters, digits and hyphens, beginning and ending with a letter or digit',
  );

export type CameraId = z.infer<typeof cameraIdSchema>;

/** The two streams of a camera: `main` (R2.2 `stream1`, HD) and `sub` (`stream2`, SD). */
export const streamQualitySchema = z.enum(['main', 'sub']);
export type StreamQuality = z.infer<typeof streamQualitySchema>;

/** The MediaMTX path of a camera's stream: `front-door`, or `front-door/sub`. */
export function mediaPath(cameraId: CameraId, quality: StreamQuality): string {
  return quality === 'main' ? cameraId : `${cameraId}/sub`;
}

/** The inverse of {@link mediaPath}; `undefined` for any other path. */
export function parseMediaPath(path: string): { cameraId: CameraId; quality: StreamQuality } | undefined {
  const quality: StreamQuality = path.endsWith('/sub') ? 'sub' : 'main';
  const id = cameraIdSchema.safeParse(quality === 'sub' ? path.slice(0, -'/sub'.length) : path);
  return id.success ? { cameraId: id.data, quality } : undefined;
}
