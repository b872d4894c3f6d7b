import { createServiceFetch } from '@camplane/service-kit/service-fetch';
import type { ServicePasswords } from '@camplane/service-kit/service-fetch';
import type { TapFrame } from './take-snapshot.ts';

const snapshotMaxBytes = 8 * 1024 * 1024;

/** Asks camera-service for the frame that its tap took last. */
export function cameraServiceFrame(baseUrl: string, passwords: ServicePasswords): TapFrame {
  const send = createServiceFetch(passwords);
  const base = baseUrl.replace(/\/+$/, '');
  return async (cameraId, signal) => {
    try {
      const response = await send(`${base}/cameras/${cameraId}/snapshot`, { signal });
      const length = Number(response.headers.get('content-length') ?? NaN);
      const capturedAt = Date.parse(response.headers.get('x-captured-at') ?? '');
      if (!response.ok || !(length <= snapshotMaxBytes) || Number.isNaN(capturedAt)) {
        await response.body?.cancel();
        return null;
      }
      return { jpeg: Buffer.from(await response.arrayBuffer()), capturedAt };
    } catch {
      // Without camera-service a stream takes the picture.
      return null;
    }
  };
}
