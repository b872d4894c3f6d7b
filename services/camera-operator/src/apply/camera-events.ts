import { createHash } from 'node:crypto';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { Logger } from '@camplane/service-kit/logging';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { messageOf } from '@camplane/runtime/message-of';
import { LRUCache } from 'lru-cache';
import { microTime } from '../leadership/lease.ts';
import type { CameraPlan } from '../plan.ts';

export type CameraEvent = CameraPlan['events'][number];

export type CameraEvents = {
  /** Never rejects: a failed write is logged and does not delay the camera. */
  record(camera: KubernetesObject, event: CameraEvent, signal: AbortSignal): Promise<void>;
};

/** A repeated event within this time increments the existing one. The API server keeps events for an hour. */
const seriesMs = 1_800_000;
const rememberedMax = 5_000;
/** Bounds of the API (events.k8s.io/v1). */
const noteMaxLength = 1_000;
const reasonMaxLength = 128;

type RecordedEvent = { name: string; count: number; sinceMs: number };

/** Records events, which `kubectl describe camera` shows. */
export function createCameraEvents(options: {
  api: Pick<KubernetesApi, 'create' | 'mergePatch'>;
  identity: string;
  log: Logger;
  clock: Clock;
  wallClock: WallClock;
}): CameraEvents {
  const { api, identity, log, clock, wallClock } = options;
  const recorded = new LRUCache<string, RecordedEvent>({ max: rememberedMax });

  /** Resolves to false if the event has expired. */
  async function increment(namespace: string, entry: RecordedEvent, signal: AbortSignal): Promise<boolean> {
    const series = { count: entry.count + 1, lastObservedTime: microTime(wallClock.epochMs()) };
    try {
      const ref = { namespace, name: entry.name };
      await api.mergePatch(resourceTypes.event, ref, { series }, {}, signal);
      return true;
    } catch (error) {
      if (error instanceof KubernetesError && error.kind === 'not-found') return false;
      throw error;
    }
  }

  async function write(camera: KubernetesObject, event: CameraEvent, signal: AbortSignal): Promise<void> {
    const { namespace = '', uid } = camera.metadata;
    const key = JSON.stringify([uid, event.type, event.reason]);
    const before = recorded.get(key);
    if (before && clock.now() - before.sinceMs < seriesMs && (await increment(namespace, before, signal))) {
      recorded.set(key, { ...before, count: before.count + 1 });
      return;
    }
    const object = eventObject(camera, event, identity, wallClock.epochMs());
    try {
      await api.create(resourceTypes.event, object, {}, signal);
    } catch (error) {
      // Another operator recorded the same transition before it was killed.
      if (!(error instanceof KubernetesError) || error.kind !== 'already-exists') throw error;
    }
    recorded.set(key, { name: object.metadata.name, count: 1, sinceMs: clock.now() });
  }

  return {
    async record(camera, event, signal) {
      try {
        await write(camera, event, signal);
      } catch (error) {
        if (signal.aborted) return;
        const reason = messageOf(error);
        log.warn(
          { camera: camera.metadata.name, event: event.reason, reason },
          'event write failed, dropping it',
        );
      }
    },
  };
}

/** The name is derived from the event and the camera's version, so that a repeated write does not duplicate it. */
function eventObject(camera: KubernetesObject, event: CameraEvent, identity: string, epochMs: number) {
  const { apiVersion, kind, metadata } = camera;
  const { name, namespace = '', uid, resourceVersion } = metadata;
  const digest = createHash('sha256')
    .update(JSON.stringify([uid, resourceVersion, event.type, event.reason]))
    .digest('hex');
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: `${name}.${digest.slice(0, 16)}`, namespace },
    eventTime: microTime(epochMs),
    type: event.type,
    reason: event.reason.slice(0, reasonMaxLength),
    note: event.message.slice(0, noteMaxLength),
    action: 'Reconcile',
    regarding: { apiVersion, kind, name, namespace, uid },
    reportingController: 'camplane.dev/camera-operator',
    reportingInstance: identity.slice(0, 128),
  };
}
