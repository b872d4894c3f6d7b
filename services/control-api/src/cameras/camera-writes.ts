import type { CameraInput, Credentials } from '@camplane/contracts/camera';
import type { CreateCamera } from '@camplane/contracts/camera-http';
import { clusterCameraIdMaxLength } from '@camplane/contracts/camera-workload';
import { CamplaneError } from '@camplane/contracts/problem';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { cameraNotFound } from './camera-not-found.ts';
import { cameraExists, cameraLimit, refuseOtherHost } from './camera-refusals.ts';
import { mayReuseCredentials } from './credentials-scope.ts';
import { ownSecretName } from './credentials-secrets.ts';
import type { CredentialsSecrets } from './credentials-secrets.ts';
import { credentialsVersionAnnotation, credentialsVersionOf, sourceOf, specOf } from './resource-record.ts';

const type = resourceTypes.camera;
const fieldManager = 'control-api';
const attemptsMax = 8;
const attemptPauseMaxMs = 150;

/**
 * Writes of `Camera` resources and the Secrets with their credentials, which are two objects and so two writes. After
 * each of them a crash is harmless: no credentials are ever named by a camera on a host that they were not given for,
 * and what is missing then is mended by the same request again.
 *
 * A camera is changed by merge patches that hold the version which they were worked out from. What HTTP does not know
 * (placement, labels, fields of a newer definition) is not in the patch and stays; a change that came in between is a
 * conflict, after which all is worked out again: whether stored credentials may be kept depends on the source as it is.
 */
export function createCameraWrites(deps: {
  api: Pick<KubernetesApi, 'get' | 'list' | 'create' | 'mergePatch' | 'remove'>;
  secrets: CredentialsSecrets;
  namespace: string;
  maxCameras: number;
}) {
  const { api, secrets, namespace, maxCameras } = deps;

  const demand = async (id: string): Promise<KubernetesObject> => {
    const camera = await api.get(type, { namespace, name: id });
    if (!camera) throw cameraNotFound(id);
    return camera;
  };

  const patch = async (camera: KubernetesObject, changes: CameraPatch): Promise<KubernetesObject> => {
    const { name, resourceVersion } = camera.metadata;
    const metadata = { ...changes.metadata, resourceVersion };
    try {
      return await api.mergePatch(type, { namespace, name }, { ...changes, metadata }, { fieldManager });
    } catch (error) {
      if (error instanceof KubernetesError && error.kind === 'not-found') throw cameraNotFound(name);
      throw error;
    }
  };

  /** Counted, because the camera's own generation does not see a change of its Secret. */
  const withCredentialsCounted = (camera: KubernetesObject, changes: CameraPatch): CameraPatch => {
    const version = String(credentialsVersionOf(camera) + 1);
    return { ...changes, metadata: { annotations: { [credentialsVersionAnnotation]: version } } };
  };

  const keepCredentials = (camera: KubernetesObject, input: CameraInput): Promise<KubernetesObject> => {
    const stored = sourceOf(camera);
    // Also where the Secret is not there: it may come any time, and would then be sent there.
    if (!stored || (stored.secretName !== null && !mayReuseCredentials(stored, input.source))) {
      throw refuseOtherHost();
    }
    return patch(camera, { spec: specOf(input) });
  };

  const forgetCredentials = async (camera: KubernetesObject, input: CameraInput) => {
    const written = await patch(camera, { spec: withReference(input, null) });
    await secrets.remove(ownerOf(camera));
    return written;
  };

  const replaceCredentials = async (
    camera: KubernetesObject,
    input: CameraInput,
    credentials: Credentials,
  ): Promise<KubernetesObject> => {
    const name = ownSecretName(camera.metadata.name);
    const stored = sourceOf(camera);
    const isNamed = stored?.secretName === name;
    if (isNamed && isSameHosts(stored, input.source)) {
      const changes = { spec: withReference(input, name) };
      if (isDeepStrictEqual(await secrets.read(name), credentials)) return patch(camera, changes);
      const written = await patch(camera, withCredentialsCounted(camera, changes));
      await secrets.write(ownerOf(camera), credentials);
      return written;
    }
    // The pod must see neither the old credentials with the new host nor the new ones with the old host.
    const detached = await patch(camera, { spec: withReference(input, null) });
    await secrets.write(ownerOf(camera), credentials);
    return patch(detached, { spec: { source: { credentialsSecretRef: { name } } } });
  };

  return {
    create: async ({ id, ...input }: CreateCamera): Promise<KubernetesObject> => {
      refuseLongId(id);
      const credentials = input.source.credentials ?? null;
      // Looked for before it is known that there is no such camera: what is found then belongs to none.
      const leftover = credentials && (await secrets.findLeftover(id));
      const { items } = await api.list(type, { namespace, metadataOnly: true });
      if (items.some(({ metadata }) => metadata.name === id)) throw cameraExists(id);
      if (items.length >= maxCameras) throw cameraLimit(maxCameras);
      await leftover?.discard();
      const camera = await createOnce(id, newSpec(input, credentials && ownSecretName(id)));
      if (!credentials) return camera;
      try {
        await secrets.write(ownerOf(camera), credentials);
        return camera;
      } catch (error) {
        // All or nothing, as far as can be seen to.
        await api.remove(type, { namespace, name: id }, uidOf(camera)).catch(() => {});
        throw error;
      }
    },
    replace: (id: string, input: CameraInput): Promise<KubernetesObject> =>
      retryConflicts(async () => {
        const camera = await demand(id);
        const { credentials } = input.source;
        if (credentials === undefined) return keepCredentials(camera, input);
        if (credentials === null) return forgetCredentials(camera, input);
        return replaceCredentials(camera, input, credentials);
      }),
    /** Changes what does not depend on what was there, if `isFit` lets it. */
    change: (
      id: string,
      changes: CameraPatch,
      isFit: (camera: KubernetesObject) => void,
    ): Promise<KubernetesObject> =>
      retryConflicts(async () => {
        const camera = await demand(id);
        isFit(camera);
        return patch(camera, changes);
      }),
    /** Resolves to the removed camera's uid. */
    remove: async (id: string): Promise<string | undefined> => {
      const camera = await demand(id);
      if (!(await api.remove(type, { namespace, name: id }, uidOf(camera)))) throw cameraNotFound(id);
      // The cluster would do it too, in its own time.
      await secrets.remove(ownerOf(camera));
      return camera.metadata.uid;
    },
  };

  async function createOnce(id: string, spec: unknown): Promise<KubernetesObject> {
    const object = {
      apiVersion: `${type.group}/${type.version}`,
      kind: type.kind,
      metadata: { name: id, namespace },
      spec,
    };
    try {
      return await api.create(type, object, { fieldManager });
    } catch (error) {
      if (error instanceof KubernetesError && error.kind === 'already-exists') throw cameraExists(id);
      throw error;
    }
  }
}

type CameraPatch = { metadata?: { annotations: Record<string, string> }; spec?: Record<string, unknown> };

/** Conflicts are with other writers: changes of this process take turns. */
async function retryConflicts<T>(attempt: () => Promise<T>): Promise<T> {
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

function withReference(input: CameraInput, name: string | null): Record<string, unknown> {
  const spec = specOf(input);
  return { ...spec, source: { ...spec.source, credentialsSecretRef: name === null ? null : { name } } };
}

/** Without nulls, as a patch leaves it: otherwise the first patch would be a change. */
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

type Source = { url: string; subUrl: string | null };

function isSameHosts(a: Source, b: Source): boolean {
  return mayReuseCredentials(a, b) && mayReuseCredentials(b, a);
}

function ownerOf(camera: KubernetesObject): { id: string; uid: string } {
  return { id: camera.metadata.name, uid: camera.metadata.uid ?? '' };
}

function uidOf(camera: KubernetesObject): { uid?: string } {
  return camera.metadata.uid === undefined ? {} : { uid: camera.metadata.uid };
}

function refuseLongId(id: string): void {
  if (id.length <= clusterCameraIdMaxLength) return;
  const message = `must be at most ${clusterCameraIdMaxLength} characters in a cluster, where Services are named after it`;
  throw new CamplaneError('invalid-body', 'The id is too long', { fields: [{ path: 'id', message }] });
}
