import { CamplaneError } from '@camplane/contracts/problem';
import { pipeline } from 'node:stream/promises';
import { readableDetections } from '../access/camera-rights.ts';
import type { CameraDirectory } from '../access/camera-rights.ts';
import type { ImageStore } from '../detection-images/image-store.ts';
import type { Handlers } from '../http/api-router.ts';
import type { DetectionRow } from '../store/schema.ts';
import { storedDetectionOf } from './accepted-result.ts';
import { detectionNotFound } from './detection-not-found.ts';
import type { DetectionStore } from './detection-store.ts';

/** The operations on stored detections (R3.5). */
export function detectionHandlers(deps: {
  store: Pick<DetectionStore, 'list' | 'get'>;
  images: Pick<ImageStore, 'open' | 'has'>;
  cameras: CameraDirectory;
}): Pick<Handlers, 'listDetections' | 'readDetection' | 'readDetectionImage'> {
  const { store, images, cameras } = deps;

  /** Images have their own retention, so the file may be deleted before the row. */
  const hasImage = (row: DetectionRow): Promise<boolean> =>
    row.picture === null ? Promise.resolve(false) : images.has(row.picture);

  const getOrThrow = async (id: string): Promise<DetectionRow> => {
    const row = await store.get(id);
    if (!row) throw detectionNotFound(id);
    return row;
  };

  return {
    listDetections: async ({ query, principal }) => {
      // In SQL, so that pages stay full.
      const visible = readableDetections(principal, cameras);
      const { rows, nextCursor } = await store.list(query, visible);
      const found = await Promise.all(rows.map(async (row) => storedDetectionOf(row, await hasImage(row))));
      return { answer: { items: found.filter((each) => each !== undefined), nextCursor } };
    },
    readDetection: async ({ id }) => {
      const row = await getOrThrow(id);
      const detection = storedDetectionOf(row, await hasImage(row));
      if (!detection) throw new CamplaneError('internal', `The stored detection '${id}' is invalid`);
      return { answer: detection };
    },
    readDetectionImage: async ({ id, signal, response }) => {
      const row = await getOrThrow(id);
      const image = row.picture === null ? undefined : await images.open(row.picture);
      if (!image) {
        throw new CamplaneError(
          'picture-not-kept',
          `No image of '${id}' is stored: it had none, or the image is older than the retention`,
        );
      }
      const { handle, bytes } = image;
      try {
        response.status(200).set({
          'Content-Type': 'image/jpeg',
          // An image never changes. `private`: shared caches must not store it.
          'Cache-Control': 'private, max-age=31536000, immutable',
          // Another user of the same browser must not be served from its cache.
          Vary: 'Authorization, Cookie',
          ETag: `"${row.id}-${bytes}"`,
        });
        if (response.req.fresh) {
          response.status(304).end();
          return 'sent';
        }
        response.set('Content-Length', String(bytes));
        if (response.req.method === 'HEAD') response.end();
        else await pipeline(handle.createReadStream({ autoClose: false, end: bytes - 1 }), response);
      } catch (error) {
        // The client disconnected.
        if (!signal.aborted) throw error;
      } finally {
        await handle.close();
      }
      return 'sent';
    },
  };
}
