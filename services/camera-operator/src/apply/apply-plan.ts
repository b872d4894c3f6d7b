import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { CameraPlan } from '../plan.ts';
import type { CameraWorld } from '../world.ts';
import type { CameraEvents } from './camera-events.ts';

export const fieldManager = 'camera-operator';

export type ApplyPlan = (world: CameraWorld, plan: CameraPlan, signal: AbortSignal) => Promise<void>;

/**
 * Writes a plan in order and stops at the first failure; the next reconcile decides again.
 *
 * @param mayWrite checked before each write, because leadership may be lost
 */
export function createApplyPlan(options: {
  api: Pick<KubernetesApi, 'apply' | 'mergePatch' | 'remove'>;
  events: CameraEvents;
  mayWrite: () => boolean;
  /** Called when an object of a camera's workload could not be written. */
  onWriteFailed: (camera: string, error: unknown) => void;
}): ApplyPlan {
  const { api, events, mayWrite, onWriteFailed } = options;

  function guard(): void {
    if (!mayWrite()) throw new KubernetesError('conflict', 'lost leadership, not writing');
  }

  async function applyWorkload({ name }: CameraWorld, plan: CameraPlan, signal: AbortSignal): Promise<void> {
    try {
      for (const { type, object } of plan.apply) {
        guard();
        await api.apply(type, object, { fieldManager, force: true }, signal);
      }
    } catch (error) {
      onWriteFailed(name, error);
      throw error;
    }
  }

  /** Ignores a pod that was deleted meanwhile. */
  async function annotate(
    namespace: string,
    { name, annotations }: CameraPlan['annotatePods'][number],
    signal: AbortSignal,
  ): Promise<void> {
    const patch = { metadata: { annotations } };
    try {
      await api.mergePatch(resourceTypes.pod, { namespace, name }, patch, { fieldManager }, signal);
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.kind !== 'not-found') throw error;
    }
  }

  /**
   * Sends the version that was read. If the camera has changed since, the write conflicts and the status is decided
   * again, so that no event is recorded twice.
   */
  async function writeStatus(
    camera: KubernetesObject,
    status: NonNullable<CameraPlan['status']>,
    signal: AbortSignal,
  ): Promise<void> {
    const { apiVersion, kind, metadata } = camera;
    const { name, namespace, uid, resourceVersion } = metadata;
    const identity = { name, ...(namespace === undefined ? {} : { namespace }) };
    const version = { ...(uid === undefined ? {} : { uid }), ...(resourceVersion && { resourceVersion }) };
    const object = { apiVersion, kind, metadata: { ...identity, ...version }, status };
    await api.apply(
      resourceTypes.camera,
      object,
      { fieldManager, force: true, subresource: 'status' },
      signal,
    );
  }

  return async (world, plan, signal) => {
    const { namespace, camera } = world;
    await applyWorkload(world, plan, signal);
    for (const patch of plan.annotatePods) {
      guard();
      await annotate(namespace, patch, signal);
    }
    for (const { type, name, uid } of plan.remove) {
      guard();
      await api.remove(type, { namespace, name }, { uid, propagation: 'Background' }, signal);
    }
    if (plan.status && camera) {
      guard();
      await writeStatus(camera, plan.status, signal);
    }
    if (camera) {
      for (const event of plan.events) {
        guard();
        await events.record(camera, event, signal);
      }
    }
  };
}
