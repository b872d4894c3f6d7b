import { cameraResourceStatusSchema } from '@camplane/contracts/camera-resource';
import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { z } from 'zod';

/** The displayed fields. Parsed leniently, because invalid cameras must be shown as well. */
const viewSchema = z.object({
  metadata: z.object({
    name: z.string(),
    generation: z.int().optional(),
    creationTimestamp: z.string().optional(),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z
    .object({
      displayName: z.string().catch(''),
      description: z.string().catch(''),
      enabled: z.boolean().catch(true),
      source: z
        .object({
          url: z.string().catch(''),
          subUrl: z.string().nullable().catch(null),
          transport: z.string().catch('tcp'),
          credentialsSecretRef: z.object({ name: z.string() }).nullable().catch(null),
        })
        .catch({ url: '', subUrl: null, transport: 'tcp', credentialsSecretRef: null }),
      video: z.object({ mode: z.string().catch('copy') }).catch({ mode: 'copy' }),
      lifecycle: z.object({ start: z.string().catch('Always') }).catch({ start: 'Always' }),
    })
    .optional(),
});

export type CameraView = {
  name: string;
  displayName: string;
  description: string;
  enabled: boolean;
  source: { url: string; subUrl: string | null; transport: string; secretName: string | null };
  mode: string;
  start: string;
  generation: number;
  createdAt: string | undefined;
  isTerminating: boolean;
  status: CameraResourceStatus;
  ready: Readiness;
};

export type Readiness = { word: 'yes' | 'no' | 'off' | 'unknown'; reason: string; message: string };

export function cameraView(object: KubernetesObject): CameraView {
  const parsed = viewSchema.safeParse(object);
  const { metadata, spec } = parsed.success ? parsed.data : { metadata: object.metadata, spec: undefined };
  const status = cameraResourceStatusSchema.safeParse((object as { status?: unknown }).status ?? {});
  const enabled = spec?.enabled ?? true;
  const currentStatus = status.success ? status.data : {};
  return {
    name: metadata.name,
    displayName: spec?.displayName ?? '',
    description: spec?.description ?? '',
    enabled,
    source: {
      url: spec?.source.url ?? '',
      subUrl: spec?.source.subUrl ?? null,
      transport: spec?.source.transport ?? '',
      secretName: spec?.source.credentialsSecretRef?.name ?? null,
    },
    mode: spec?.video.mode ?? '',
    start: spec?.lifecycle.start ?? '',
    generation: metadata.generation ?? 0,
    createdAt: metadata.creationTimestamp,
    isTerminating: metadata.deletionTimestamp !== undefined,
    status: currentStatus,
    ready: readinessOf(currentStatus, enabled, metadata.generation ?? 0),
  };
}

function readinessOf(status: CameraResourceStatus, enabled: boolean, generation: number): Readiness {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  if (!ready) {
    return {
      word: 'unknown',
      reason: 'NotReconciled',
      message: 'not reconciled yet: check that camera-operator runs in this namespace',
    };
  }
  if (!enabled) return { word: 'off', reason: ready.reason, message: ready.message };
  if (ready.observedGeneration < generation) {
    return {
      word: 'unknown',
      reason: 'Changed',
      message: 'changed recently, not reconciled yet',
    };
  }
  const readyWords = { True: 'yes', False: 'no', Unknown: 'unknown' } as const;
  return { word: readyWords[ready.status], reason: ready.reason, message: ready.message };
}

/** `h264 1920x1080 25 fps`; empty without video. */
export function videoText(status: CameraResourceStatus): string {
  if (!status.video) return '';
  const { codec, size, fps } = status.video;
  return [codec, size, fps === undefined ? '' : `${Math.round(fps * 10) / 10} fps`].filter(Boolean).join(' ');
}
