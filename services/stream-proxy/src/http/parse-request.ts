import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { jpegOperations } from '@camplane/contracts/jpeg-operations';
import { CamplaneError, fieldsOf } from '@camplane/contracts/problem';
import type { z } from 'zod';

/** @throws CamplaneError `camera-not-found` */
export function cameraIdOf(text: unknown): string {
  const id = cameraIdSchema.safeParse(text);
  if (!id.success)
    throw new CamplaneError('camera-not-found', `No camera has the id '${String(text).slice(0, 63)}'`);
  return id.data;
}

/** @throws CamplaneError `invalid-query` */
export function parseQuery<S extends z.ZodType>(schema: S, query: unknown): z.output<S> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const fields = fieldsOf(parsed.error);
  const named = fields.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new CamplaneError('invalid-query', named, { fields });
}

/** The camera of a path of {@link jpegOperations.followJpeg}. @throws CamplaneError `not-found` */
export function streamPathOf(path: string): string {
  const [head = '', tail = ''] = jpegOperations.followJpeg.path.split('{id}');
  const id = path.slice(head.length, path.length - tail.length);
  if (path !== `${head}${id}${tail}` || id.includes('/')) {
    throw new CamplaneError('not-found', `No WebSocket is served at ${path.slice(0, 200)}`);
  }
  return cameraIdOf(id);
}
