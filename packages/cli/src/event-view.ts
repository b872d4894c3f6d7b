import { workloadName } from '@camplane/contracts/camera-workload';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { z } from 'zod';
import { ageOf } from './age.ts';
import { plain } from './output.ts';

const eventSchema = z.object({
  metadata: z.object({ creationTimestamp: z.string().nullish() }),
  type: z.string().catch('Normal'),
  reason: z.string().catch(''),
  note: z.string().catch(''),
  regarding: z
    .object({ kind: z.string().catch(''), name: z.string().catch('') })
    .catch({ kind: '', name: '' }),
  eventTime: z.string().nullish(),
  deprecatedLastTimestamp: z.string().nullish(),
  deprecatedCount: z.number().nullish(),
  series: z.object({ count: z.number(), lastObservedTime: z.string() }).nullish(),
});

/** An event of events.k8s.io/v1, including deprecated fields of older reporters. */
export type EventView = {
  at: string;
  type: string;
  reason: string;
  kind: string;
  name: string;
  count: number;
  message: string;
};

export function eventView(object: KubernetesObject): EventView | undefined {
  const parsed = eventSchema.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, type, reason, note, regarding, series, ...times } = parsed.data;
  return {
    at:
      series?.lastObservedTime ??
      times.deprecatedLastTimestamp ??
      times.eventTime ??
      metadata.creationTimestamp ??
      '',
    type,
    reason,
    kind: regarding.kind,
    name: regarding.name,
    count: series?.count ?? times.deprecatedCount ?? 1,
    message: plain(note),
  };
}

/** Whether an event is about a camera or its workload: Deployment, ReplicaSet or pod. Without an id: about any. */
export function isAbout(event: EventView, cameraId: string | undefined): boolean {
  if (event.kind === 'Camera') return cameraId === undefined || event.name === cameraId;
  if (cameraId === undefined) return /^(camera|camplane)-/.test(event.name);
  const workload = workloadName(cameraId);
  if (event.name === workload) return true;
  // `camera-front-6d5f8c9b7-x2x4z` belongs to `front`, `camera-front-door-…` to another camera.
  const rest = event.name.startsWith(`${workload}-`) ? event.name.slice(workload.length + 1) : '';
  return /^[a-z0-9]{6,10}(-[a-z0-9]{5})?$/.test(rest) && ['ReplicaSet', 'Pod'].includes(event.kind);
}

/** Oldest first. Parses the times, because their precision varies. */
export function byTime(a: EventView, b: EventView): number {
  return (Date.parse(a.at) || 0) - (Date.parse(b.at) || 0);
}

export const eventHeaders = ['SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'] as const;

export function eventCells(event: EventView, nowMs: number): string[] {
  const times = event.count > 1 ? ` (${event.count} times)` : '';
  return [
    ageOf(event.at, nowMs),
    event.type,
    event.reason,
    `${event.kind.toLowerCase()}/${event.name}`,
    `${event.message}${times}`,
  ];
}
