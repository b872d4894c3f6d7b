import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraRecord } from './registry.ts';

/** A camera as the API returns it. `source` is built field by field, so that credentials cannot slip through. */
export function toCameraAnswer(camera: CameraRecord): Camera {
  const { source, ...spec } = camera.spec;
  return {
    id: camera.id,
    ...spec,
    labels: spec.labels ?? {},
    source: {
      url: source.url,
      subUrl: source.subUrl,
      transport: source.transport,
      hasCredentials: camera.credentials !== null || camera.credentialsProblem !== undefined,
    },
    createdAt: camera.createdAt,
    updatedAt: camera.updatedAt,
  };
}
