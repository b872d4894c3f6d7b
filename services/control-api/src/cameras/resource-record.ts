import { cameraSpecSchema } from '@camplane/contracts/camera';
import type { CameraConfig, CameraInput } from '@camplane/contracts/camera';
import { cameraLabelsMax } from '@camplane/contracts/camera-labels';
import type { CameraLabels } from '@camplane/contracts/camera-labels';
import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { startRequestedAnnotation } from '@camplane/contracts/camera-workload';
import { fieldsOf } from '@camplane/contracts/problem';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { z } from 'zod';

/** Number of changes of the credentials that control-api keeps, which `metadata.generation` does not count. */
export const credentialsVersionAnnotation = 'camplane.dev/credentials-version';

/** A `Camera` resource without the credentials that it references. */
export type ResourceRecord = Omit<CameraConfig, 'credentials'> & { createdAt: string; updatedAt: string };

export type ParsedResource =
  | { ok: true; record: ResourceRecord; secretName: string | null }
  | { ok: false; id: string; fields: string[] };

// Without `placement`, which the HTTP API does not have, and `labels`, which are metadata.
const specSchema = z.object({
  ...cameraSpecSchema.omit({ labels: true }).shape,
  source: z.object(cameraSpecSchema.shape.source.shape),
});

const resourceSchema = z.object({
  metadata: z.object({
    name: cameraIdSchema,
    generation: z.int().min(0).default(1),
    creationTimestamp: z.iso.datetime({ offset: true }),
    annotations: z.record(z.string(), z.string()).default({}),
    managedFields: z
      .array(z.object({ time: z.string().optional(), subresource: z.string().optional() }))
      .default([]),
  }),
  spec: specSchema,
});

/** Parses a `Camera`, which an older definition may have accepted with invalid fields. */
export function parseCameraResource(object: KubernetesObject): ParsedResource {
  const parsed = parseKnownFields(object);
  if (!parsed.success) {
    const fields = fieldsOf(parsed.error).map((field) => field.path);
    return { ok: false, id: object.metadata.name, fields };
  }
  const { metadata, spec } = parsed.data;
  const { credentialsSecretRef, ...source } = spec.source;
  const startRequestedAt = metadata.annotations[startRequestedAnnotation] ?? '';
  return {
    ok: true,
    secretName: credentialsSecretRef?.name ?? null,
    record: {
      id: metadata.name,
      spec: { ...spec, labels: labelsOf(object), source },
      generation: metadata.generation + credentialsVersionOf(object),
      startRequestedAt: z.iso.datetime().safeParse(startRequestedAt).success ? startRequestedAt : null,
      createdAt: iso(metadata.creationTimestamp),
      updatedAt: iso(lastWriteOf(metadata.managedFields) ?? metadata.creationTimestamp),
    },
  };
}

/**
 * Ignores unknown fields: a newer definition adds its defaults to every camera, and a control-api that was rolled back
 * has to work with them. Its patches leave them alone.
 */
function parseKnownFields(object: KubernetesObject) {
  const parsed = resourceSchema.safeParse(object);
  const unknown = (parsed.error?.issues ?? []).filter((issue) => issue.code === 'unrecognized_keys');
  if (unknown.length === 0) return parsed;
  const known = structuredClone(object);
  for (const { path, keys } of unknown) {
    const holder = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], known);
    for (const key of keys) delete (holder as Record<string, unknown>)[key];
  }
  return resourceSchema.safeParse(known);
}

/** The labels of a camera: those without a prefix. Prefixed ones belong to Kubernetes and to tools. */
export function labelsOf({ metadata }: Pick<KubernetesObject, 'metadata'>): CameraLabels {
  const own = Object.entries(metadata.labels ?? {}).filter(([key]) => !key.includes('/'));
  return Object.fromEntries(own.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, cameraLabelsMax));
}

/** Merge patch of the labels: null removes one. Prefixed labels are not part of it and stay. */
export function labelsPatch(
  camera: Pick<KubernetesObject, 'metadata'>,
  labels: CameraLabels,
): Record<string, string | null> {
  const removed = Object.keys(labelsOf(camera)).filter((key) => !Object.hasOwn(labels, key));
  return { ...Object.fromEntries(removed.map((key) => [key, null])), ...labels };
}

/** 0 without the annotation. */
export function credentialsVersionOf(object: KubernetesObject): number {
  const text = object.metadata.annotations?.[credentialsVersionAnnotation] ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

const sourceSchema = z.object({
  spec: z.object({
    source: z.object({
      url: z.string(),
      subUrl: z.string().nullable().default(null),
      credentialsSecretRef: z.object({ name: z.string() }).nullable().default(null),
    }),
  }),
});

/** Source URLs and Secret of a camera, which may be invalid otherwise. */
export function sourceOf(
  object: KubernetesObject,
): { url: string; subUrl: string | null; secretName: string | null } | undefined {
  const parsed = sourceSchema.safeParse(object);
  if (!parsed.success) return undefined;
  const { url, subUrl, credentialsSecretRef } = parsed.data.spec.source;
  return { url, subUrl, secretName: credentialsSecretRef?.name ?? null };
}

/**
 * The spec for a request body, without the Secret reference and the labels: a patch with it leaves the reference alone.
 */
export function specOf(input: CameraInput): Record<string, unknown> & { source: Record<string, unknown> } {
  const { labels: _labels, ...spec } = input;
  const { credentials: _credentials, ...source } = input.source;
  return { ...spec, source };
}

/** Time of the last write other than status, with a resolution of one second. */
function lastWriteOf(
  writes: { time?: string | undefined; subresource?: string | undefined }[],
): string | undefined {
  return writes
    .flatMap(({ time, subresource }) => (time !== undefined && subresource !== 'status' ? [time] : []))
    .sort()
    .at(-1);
}

function iso(time: string): string {
  return new Date(time).toISOString();
}
