import type { CameraInput, Credentials } from '@camplane/contracts/camera';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { isDeepStrictEqual } from 'node:util';
import type { CameraPatch, CameraPatcher } from './camera-patch.ts';
import { credentialsForOtherHost } from './camera-refusals.ts';
import { mayReuseCredentials } from './credentials-scope.ts';
import { ownerOf, ownSecretName } from './credentials-secrets.ts';
import type { CredentialsSecrets } from './credentials-secrets.ts';
import {
  credentialsVersionAnnotation,
  credentialsVersionOf,
  labelsPatch,
  sourceOf,
  specOf,
} from './resource-record.ts';

/**
 * Replaces the spec of a `Camera`, and its Secret as `source.credentials` demands: absent keeps it, null removes it, an
 * object replaces it. The order of the writes is such that no credentials are ever used with a host that they were not
 * given for, also after a crash between two writes. The same request then completes the change.
 */
export async function replaceCamera(
  camera: KubernetesObject,
  input: CameraInput,
  deps: { patch: CameraPatcher['patch']; secrets: CredentialsSecrets },
): Promise<KubernetesObject> {
  const { credentials } = input.source;
  if (credentials === undefined) return keepCredentials(camera, input, deps);
  if (credentials === null) return removeCredentials(camera, input, deps);
  return replaceCredentials(camera, input, credentials, deps);
}

type Deps = Parameters<typeof replaceCamera>[2];

function keepCredentials(camera: KubernetesObject, input: CameraInput, { patch }: Deps) {
  const stored = sourceOf(camera);
  // Also if the Secret is missing: once it is created, it would be sent to the new host.
  if (!stored || (stored.secretName !== null && !mayReuseCredentials(stored, input.source))) {
    throw credentialsForOtherHost();
  }
  return patch(camera, changesOf(camera, input, specOf(input)));
}

async function removeCredentials(camera: KubernetesObject, input: CameraInput, { patch, secrets }: Deps) {
  const written = await patch(camera, changesOf(camera, input, withReference(input, null)));
  await secrets.remove(ownerOf(camera));
  return written;
}

async function replaceCredentials(
  camera: KubernetesObject,
  input: CameraInput,
  credentials: Credentials,
  { patch, secrets }: Deps,
): Promise<KubernetesObject> {
  const name = ownSecretName(camera.metadata.name);
  const stored = sourceOf(camera);
  if (stored?.secretName === name && isSameHosts(stored, input.source)) {
    const changes = changesOf(camera, input, withReference(input, name));
    const kept = await secrets.read(name, camera.metadata.uid ?? '');
    if (isDeepStrictEqual(kept, credentials)) return patch(camera, changes);
    const written = await patch(camera, withNextCredentialsVersion(camera, changes));
    await secrets.write(ownerOf(camera), credentials);
    return written;
  }
  // The pod must not see the old credentials with the new host, or the new ones with the old host.
  const detached = await patch(camera, changesOf(camera, input, withReference(input, null)));
  await secrets.write(ownerOf(camera), credentials);
  return patch(detached, { spec: { source: { credentialsSecretRef: { name } } } });
}

function changesOf(
  camera: KubernetesObject,
  { labels }: CameraInput,
  spec: Record<string, unknown>,
): CameraPatch {
  return labels === undefined ? { spec } : { spec, metadata: { labels: labelsPatch(camera, labels) } };
}

/** `metadata.generation` does not change with the Secret. */
function withNextCredentialsVersion(camera: KubernetesObject, changes: CameraPatch): CameraPatch {
  const version = String(credentialsVersionOf(camera) + 1);
  const annotations = { [credentialsVersionAnnotation]: version };
  return { ...changes, metadata: { ...changes.metadata, annotations } };
}

function withReference(input: CameraInput, name: string | null): Record<string, unknown> {
  const spec = specOf(input);
  return { ...spec, source: { ...spec.source, credentialsSecretRef: name === null ? null : { name } } };
}

type Source = { url: string; subUrl: string | null };

function isSameHosts(a: Source, b: Source): boolean {
  return mayReuseCredentials(a, b) && mayReuseCredentials(b, a);
}
