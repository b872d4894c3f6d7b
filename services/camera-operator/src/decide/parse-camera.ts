import { cameraResourceSchema, cameraResourceStatusSchema } from '@camplane/contracts/camera-resource';
import type { CameraResourceSpec, CameraResourceStatus } from '@camplane/contracts/camera-resource';
import { startRequestedAnnotation } from '@camplane/contracts/camera-workload';
import { fieldsOf } from '@camplane/contracts/problem';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { z } from 'zod';

export type ParsedCamera = {
  id: string;
  uid: string;
  generation: number;
  /** When a user last requested a start (ISO 8601). */
  startRequestedAt: string | null;
  /** An older CRD may have accepted an invalid spec; `message` names the fields. */
  spec: { ok: true; value: CameraResourceSpec } | { ok: false; message: string };
  /** The last written status; null: none, or unreadable for this version. */
  previous: CameraResourceStatus | null;
};

const fieldsShown = 5;

export function parseCamera(camera: KubernetesObject & { status?: unknown }): ParsedCamera {
  const previous = cameraResourceStatusSchema.safeParse(camera.status);
  return {
    id: camera.metadata.name,
    uid: camera.metadata.uid ?? '',
    generation: camera.metadata.generation ?? 0,
    startRequestedAt: timeOrNull(camera.metadata.annotations?.[startRequestedAnnotation]),
    spec: parseSpec(camera),
    previous: previous.success ? previous.data : null,
  };
}

/** Annotations are not validated. */
function timeOrNull(text: string | undefined): string | null {
  const parsed = z.iso.datetime().safeParse(text);
  return parsed.success ? parsed.data : null;
}

function parseSpec(camera: KubernetesObject & { status?: unknown }): ParsedCamera['spec'] {
  // A status from another operator version must not make the spec invalid.
  const parsed = parseKnownFields({ ...camera, status: undefined });
  if (parsed.success) return { ok: true, value: parsed.data.spec };
  const fields = fieldsOf(parsed.error).map(({ path, message }) => `${path} ${message}`);
  const more = fields.length > fieldsShown ? `; and ${fields.length - fieldsShown} more` : '';
  return { ok: false, message: `${fields.slice(0, fieldsShown).join('; ')}${more}.` };
}

/**
 * Ignores unknown fields: a newer CRD adds its defaults to every camera, and a rolled back operator must still work. The
 * API server has already rejected misspelt ones.
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
