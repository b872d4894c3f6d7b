import { findFootage } from '@camplane/camera-simulator/footage';
import { startSimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import type { SimulatedCamera, SimulatedCameraOptions } from '@camplane/camera-simulator/simulated-camera';
import { clipCacheFolder } from '@camplane/testkit/temporary-folder';

export const credentials = { username: 'viewer', password: 'p@ss wörd/%"\'' };

/** A small simulated camera with a password, and the body that adds it to Camplane. */
export async function startCamera(options: Partial<SimulatedCameraOptions> = {}): Promise<SimulatedCamera> {
  return startSimulatedCamera({
    content: { kind: 'pattern' },
    codec: 'h264',
    width: 640,
    height: 360,
    fps: 15,
    keyFrameIntervalSeconds: 1,
    credentials,
    port: 0,
    cacheFolder: clipCacheFolder(),
    ...options,
  });
}

/** Footage of people walking, from a fixed camera. */
export async function startStreet(options: Partial<SimulatedCameraOptions> = {}): Promise<SimulatedCamera> {
  const file = await findFootage();
  if (file === null) throw new Error('the footage is missing: install the Debian package opencv-doc');
  return startCamera({ content: { kind: 'footage', file }, width: 768, height: 576, fps: 10, ...options });
}

export function cameraBody(
  id: string,
  camera: { url: string },
  rest: {
    mode?: string;
    overlay?: unknown;
    lifecycle?: unknown;
    detection?: unknown;
    [field: string]: unknown;
  } = {},
): Record<string, unknown> {
  const { mode = 'copy', overlay, ...fields } = rest;
  return {
    id,
    displayName: id,
    source: { url: camera.url, credentials },
    video: { mode, ...(overlay === undefined ? {} : { overlay }) },
    ...fields,
  };
}
