import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { setTimeout as delay } from 'node:timers/promises';
import { cameraNotFound } from './camera-not-found.ts';

const type = resourceTypes.camera;
export const fieldManager = 'control-api';
const attemptsMax = 8;
const attemptPauseMaxMs = 150;

export type CameraPatch = {
  metadata?: { annotations?: Record<string, string>; labels?: Record<string, string | null> };
  spec?: Record<string, unknown>;
};

/** Reads and patches `Camera` resources with optimistic concurrency. */
export type CameraPatcher = {
  /** @throws CamplaneError `camera-not-found` */
  getOrThrow(id: string): Promise<KubernetesObject>;
  /**
   * A merge patch that requires the version of the given object.
   *
   * @throws CamplaneError `camera-not-found`; KubernetesError `conflict` if the camera has changed
   */
  patch(camera: KubernetesObject, changes: CameraPatch): Promise<KubernetesObject>;
};

export function createCameraPatcher(
  api: Pick<KubernetesApi, 'get' | 'mergePatch'>,
  namespace: string,
): CameraPatcher {
  return {
    getOrThrow: async (id) => {
      const camera = await api.get(type, { namespace, name: id });
      if (!camera) throw cameraNotFound(id);
      return camera;
    },
    patch: async (camera, changes) => {
      const { name, resourceVersion } = camera.metadata;
      const metadata = { ...changes.metadata, resourceVersion };
      try {
        return await api.mergePatch(type, { namespace, name }, { ...changes, metadata }, { fieldManager });
      } catch (error) {
        if (error instanceof KubernetesError && error.kind === 'not-found') throw cameraNotFound(name);
        throw error;
      }
    },
  };
}

/** Conflicts are with other writers: this process serializes its changes. */
export async function retryConflicts<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      const isConflict = error instanceof KubernetesError && error.kind === 'conflict';
      if (!isConflict || attempts >= attemptsMax) throw error;
      await delay(Math.random() * attemptPauseMaxMs);
    }
  }
}
