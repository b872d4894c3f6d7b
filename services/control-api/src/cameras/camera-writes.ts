import type { CameraInput } from '@camplane/contracts/camera';
import type { CameraLabels } from '@camplane/contracts/camera-labels';
import type { CreateCamera } from '@camplane/contracts/camera-http';
import { clusterCameraIdMaxLength } from '@camplane/contracts/camera-workload';
import { CamplaneError } from '@camplane/contracts/problem';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { cameraNotFound } from './camera-not-found.ts';
import { createCameraPatcher, fieldManager, retryConflicts } from './camera-patch.ts';
import type { CameraPatch } from './camera-patch.ts';
import { cameraExists, cameraLimit } from './camera-refusals.ts';
import { ownerOf, ownSecretName } from './credentials-secrets.ts';
import type { CredentialsSecrets } from './credentials-secrets.ts';
import { replaceCamera } from './replace-camera.ts';
import { specOf } from './resource-record.ts';

const type = resourceTypes.camera;

/**
 * Writes `Camera` resources and the Secrets with their credentials.
 *
 * A camera is changed by merge patches that require the version they were computed from. Fields that the HTTP API does
 * not have (placement, prefixed labels, fields of a newer definition) are not part of the patch and stay. After a conflict the
 * change is computed again, because whether stored credentials may be kept depends on the current source.
 */
export function createCameraWrites(deps: {
  api: Pick<KubernetesApi, 'get' | 'list' | 'create' | 'mergePatch' | 'remove'>;
  secrets: CredentialsSecrets;
  namespace: string;
  maxCameras: number;
}) {
  const { api, secrets, namespace, maxCameras } = deps;
  const { getOrThrow, patch } = createCameraPatcher(api, namespace);

  const createObject = async (id: string, labels: CameraLabels, spec: unknown): Promise<KubernetesObject> => {
    const apiVersion = `${type.group}/${type.version}`;
    const object = { apiVersion, kind: type.kind, metadata: { name: id, namespace, labels }, spec };
    try {
      return await api.create(type, object, { fieldManager });
    } catch (error) {
      if (error instanceof KubernetesError && error.kind === 'already-exists') throw cameraExists(id);
      throw error;
    }
  };

  return {
    create: async ({ id, ...input }: CreateCamera): Promise<KubernetesObject> => {
      requireShortId(id);
      const credentials = input.source.credentials ?? null;
      // Read before the list: if the list then lacks the camera, the Secret belongs to none.
      const leftover = credentials && (await secrets.findLeftover(id));
      const { items } = await api.list(type, { namespace, metadataOnly: true });
      if (items.some(({ metadata }) => metadata.name === id)) throw cameraExists(id);
      if (items.length >= maxCameras) throw cameraLimit(maxCameras);
      await leftover?.discard();
      const camera = await createObject(
        id,
        input.labels ?? {},
        newSpec(input, credentials && ownSecretName(id)),
      );
      if (!credentials) return camera;
      try {
        await secrets.write(ownerOf(camera), credentials);
        return camera;
      } catch (error) {
        // Roll back, best effort.
        await api.remove(type, { namespace, name: id }, uidOf(camera)).catch(() => {});
        throw error;
      }
    },
    /** @param inputOf runs again after a conflict */
    replace: (
      id: string,
      inputOf: (stored: KubernetesObject) => Promise<CameraInput>,
    ): Promise<KubernetesObject> =>
      retryConflicts(async () => {
        const camera = await getOrThrow(id);
        return replaceCamera(camera, await inputOf(camera), { patch, secrets });
      }),
    /** Applies changes that do not depend on the current state. `validate` throws to refuse them. */
    change: (
      id: string,
      changes: CameraPatch,
      validate: (camera: KubernetesObject) => void | Promise<void>,
    ): Promise<KubernetesObject> =>
      retryConflicts(async () => {
        const camera = await getOrThrow(id);
        await validate(camera);
        return patch(camera, changes);
      }),
    /** @returns the uid of the removed camera */
    remove: async (id: string): Promise<string | undefined> => {
      const camera = await getOrThrow(id);
      if (!(await api.remove(type, { namespace, name: id }, uidOf(camera)))) throw cameraNotFound(id);
      // The garbage collector would remove it later.
      await secrets.remove(ownerOf(camera));
      return camera.metadata.uid;
    },
  };
}

/** Without nulls, as a merge patch leaves it: otherwise the first patch would be a change. */
function newSpec(input: CameraInput, secretName: string | null): Record<string, unknown> {
  const spec = specOf(input);
  const source = {
    ...spec.source,
    ...(secretName === null ? {} : { credentialsSecretRef: { name: secretName } }),
  };
  return {
    ...spec,
    source: Object.fromEntries(Object.entries(source).filter(([, value]) => value !== null)),
  };
}

function uidOf(camera: KubernetesObject): { uid?: string } {
  return camera.metadata.uid === undefined ? {} : { uid: camera.metadata.uid };
}

function requireShortId(id: string): void {
  if (id.length <= clusterCameraIdMaxLength) return;
  const message = `must be at most ${clusterCameraIdMaxLength} characters in a cluster, where Services are named after it`;
  throw new CamplaneError('invalid-body', 'The id is too long', { fields: [{ path: 'id', message }] });
}
