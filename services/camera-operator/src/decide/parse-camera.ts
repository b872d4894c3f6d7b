import { cameraResourceSchema, cameraResourceStatusSchema } from '@camplane/contracts/camera-resource';
import type { CameraResourceSpec, CameraResourceStatus } from '@camplane/contracts/camera-resource';
import { startRequestedAnnotation } from '@camplane/contracts/camera-workload';
import { fieldsOf } from '@camplane/contracts/problem';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { z } from 'zod';

/** A `Camera` as it was read from the cluster. */
export type CameraRead = {
  id: string;
  uid: string;
  generation: number;
  /** When somebody last asked for a start by hand (ISO 8601). */
  startRequestedAt: string | null;
  /** Or, in words, which fields are at fault: an older definition of the resource may have let anything in. */
  spec: { ok: true; value: CameraResourceSpec } | { ok: false; message: string };
  /** What was written last; null: nothing, or nothing that this version can read. */
  previous: CameraResourceStatus | null;
};

const fieldsShown = 5;

export function readCamera(camera: KubernetesObject & { status?: unknown }): CameraRead {
  const previous = cameraResourceStatusSchema.safeParse(camera.status);
  return {
    id: camera.metadata.name,
    uid: camera.metadata.uid ?? '',
    generation: camera.metadata.generation ?? 0,
    startRequestedAt: timeOrNull(camera.metadata.annotations?.[startRequestedAnnotation]),
    spec: readSpec(camera),
    previous: previous.success ? previous.data : null,
  };
}

/** Anybody may write anything into an annotation. */
function timeOrNull(text: string | undefined): string | null {
  const parsed = z.iso.datetime().safeParse(text);
  return parsed.success ? parsed.data : null;
}

function readSpec(camera: KubernetesObject & { status?: unknown }): CameraRead['spec'] {
  // What another version of the operator wrote into the status is no fault of the spec.
  const parsed = parseKnownFields({ ...camera, status: undefined });
  if (parsed.success) return { ok: true, value: parsed.data.spec };
  const fields = fieldsOf(parsed.error).map(({ path, message }) => `${path} ${message}`);
  const more = fields.length > fieldsShown ? `; and ${fields.length - fieldsShown} more` : '';
  return { ok: false, message: `${fields.slice(0, fieldsShown).join('; ')}${more}.` };
}

/**
 * Fields that this version does not know are left out: a newer definition fills in its defaults in every camera, and
 * an operator that was rolled back must go on with them. Misspelt ones the API server has refused already.
 */
function parseKnownFields(camera: object) {
  const parsed = cameraResourceSchema.safeParse(camera);
  if (parsed.success) return parsed;
  const unknown = parsed.error.issues.filter((issue) => issue.code === 'unrecognized_keys');
  if (unknown.length === 0) return parsed;
  const known = structuredClone(camera);
  for (const { path, keys } of unknown) removeKeys(known, path, keys);
  return cameraResourceSchema.safeParse(known);
}

function removeKeys(root: unknown, path: z.core.$ZodIssue['path'], keys: readonly string[]): void {
  const at = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], root);
  for (const key of keys) delete (at as Record<string, unknown>)[key];
}
