import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraRecord } from './registry.ts';

/**
 * A camera as the API shows it. Built field by field where it matters: the credentials are left out by
 * construction, not by deletion.
 */
export function toCameraAnswer(camera: CameraRecord): Camera {
  const { source, ...spec } = camera.spec;
  return {
    id: camera.id,
    ...spec,
    source: {
      url: source.url,
      subUrl: source.subUrl,
      transport: source.transport,
      hasCredentials: camera.credentials !== null,
    },
    createdAt: camera.createdAt,
    updatedAt: camera.updatedAt,
  };
}
