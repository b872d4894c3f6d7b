import { CamplaneError } from '@camplane/contracts/problem';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { hasRightOnDetection, readableDetections } from '../access/camera-rights.ts';
import type { CameraDirectory } from '../access/camera-rights.ts';
import { cameraNotFound } from '../cameras/camera-not-found.ts';
import { locateScreenshot } from '../detection-images/image-path.ts';
import type { ImageStore } from '../detection-images/image-store.ts';
import type { Call, Handlers } from '../http/api-router.ts';
import type { DetectionRow } from '../store/schema.ts';
import { storedDetectionOf, streamDetectionOf } from './accepted-result.ts';
import { detectionNotFound } from './detection-not-found.ts';
import type { DetectionStore } from './detection-store.ts';

export type DetectionOperation =
  'listDetections' | 'readDetection' | 'readDetectionImage' | 'listStreamDetections' | 'readScreenshot';

/** The operations on stored detections (R3.5). */
export function detectionHandlers(deps: {
  store: Pick<DetectionStore, 'list' | 'get'>;
  images: Pick<ImageStore, 'open' | 'has'>;
  cameras: CameraDirectory;
}): Pick<Handlers, DetectionOperation> {
  const { store, images, cameras } = deps;

  /** Images have their own retention, so the file may be deleted before the row. */
  const hasImage = (row: DetectionRow): Promise<boolean> =>
    row.picture === null ? Promise.resolve(false) : images.has(row.picture);

  const getOrThrow = async (id: string): Promise<DetectionRow> => {
    const row = await store.get(id);
    if (!row) throw detectionNotFound(id);
    return row;
  };

  /** Detections of a deleted camera are in `listDetections`; its stream does not exist. */
  const requireRegistered = (id: string): void => {
    if (!cameras.identity(id)) throw cameraNotFound(id);
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
      if (!image) throw imageNotKept(id);
      await sendImage(image, row.id, { signal, response });
      return 'sent';
    },
    listStreamDetections: async ({ id, query, principal }) => {
      requireRegistered(id);
      const visible = readableDetections(principal, cameras);
      const { rows, nextCursor } = await store.list({ ...query, cameraId: [id] }, visible);
      const found = await Promise.all(rows.map(async (row) => streamDetectionOf(row, await hasImage(row))));
      return { answer: { items: found.filter((each) => each !== undefined), nextCursor } };
    },
    readScreenshot: async ({ id, filename, principal, signal, response }) => {
      requireRegistered(id);
      // Built from checked parts only, so that a name cannot lead out of the folder of its camera.
      const found = locateScreenshot(id, filename);
      const mayRead = found && hasRightOnDetection(principal, 'detection.view', found, cameras);
      const image = mayRead ? await images.open(found.path) : undefined;
      if (!image) throw imageNotKept(filename.slice(0, 64));
      await sendImage(image, filename, { signal, response });
      return 'sent';
    },
  };
}

function imageNotKept(name: string): CamplaneError {
  return new CamplaneError(
    'picture-not-kept',
    `No image of '${name}' is stored: it had none, or the image is older than the retention`,
  );
}

/** Sends an image, which never changes, and closes it. */
async function sendImage(
  { handle, bytes }: { handle: FileHandle; bytes: number },
  name: string,
  { signal, response }: Pick<Call<unknown, unknown>, 'signal' | 'response'>,
): Promise<void> {
  try {
    response.status(200).set({
      'Content-Type': 'image/jpeg',
      // `private`: shared caches must not store it.
      'Cache-Control': 'private, max-age=31536000, immutable',
      // Another user of the same browser must not be served from its cache.
      Vary: 'Authorization, Cookie',
      ETag: `"${name}-${bytes}"`,
    });
    if (response.req.fresh) {
      response.status(304).end();
      return;
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
}
