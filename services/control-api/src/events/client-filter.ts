import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { z } from 'zod';

const cameraIdsMax = 1000;
const idsSchema = z.array(cameraIdSchema).max(cameraIdsMax);

export type QueryFilter = { ok: true; cameraIds: string[] | null } | { ok: false; message: string };

/** The cameras named in `?cameraId=a&cameraId=b`; null for all. */
export function filterOfQuery(search: string): QueryFilter {
  const parameters = new URLSearchParams(search);
  const unknown = [...parameters.keys()].find((name) => name !== 'cameraId');
  if (unknown !== undefined) {
    return { ok: false, message: `${unknown.slice(0, 100)} is not a known parameter: use cameraId` };
  }
  const given = parameters.getAll('cameraId');
  if (given.length === 0) return { ok: true, cameraIds: null };
  const parsed = idsSchema.safeParse(given);
  return parsed.success
    ? { ok: true, cameraIds: parsed.data }
    : { ok: false, message: `cameraId ${parsed.error.issues[0]?.message ?? 'is not valid'}` };
}
