import { roleNameSchema } from '@camplane/contracts/access';
import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { detectionIdSchema } from '@camplane/contracts/detection';
import type { Operation } from '@camplane/contracts/operation';
import { CamplaneError } from '@camplane/contracts/problem';
import type { ErrorKind } from '@camplane/contracts/problem';
import { z } from 'zod';
import { cameraNotFound } from '../cameras/camera-not-found.ts';
import { detectionNotFound } from '../detections/detection-not-found.ts';

/**
 * The `{id}` of a path, or '' if the operation has none. A malformed id identifies nothing, so it answers 404 rather
 * than 400.
 */
export function pathIdOf({ path, idOf = 'camera' }: Operation, text: unknown): string {
  return path.includes('{id}') ? parseId[idOf](text) : '';
}

const parseId = {
  camera: (text: unknown): string => {
    const id = cameraIdSchema.safeParse(text);
    if (!id.success) throw cameraNotFound(String(text));
    return id.data;
  },
  detection: (text: unknown): string => {
    const id = detectionIdSchema.safeParse(text);
    if (!id.success) throw detectionNotFound(String(text));
    return id.data;
  },
  user: parserOf(z.uuid(), 'user'),
  session: parserOf(z.uuid(), 'session'),
  token: parserOf(z.uuid(), 'token'),
  role: parserOf(roleNameSchema, 'role'),
};

function parserOf(schema: z.ZodType<string>, what: 'user' | 'session' | 'token' | 'role') {
  return (text: unknown): string => {
    const id = schema.safeParse(text);
    const kind: ErrorKind = `${what}-not-found`;
    if (!id.success) throw new CamplaneError(kind, `No ${what} has the id '${String(text).slice(0, 64)}'`);
    return id.data;
  };
}
