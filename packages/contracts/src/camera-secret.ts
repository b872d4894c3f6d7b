import { cameraResourceGroup, cameraResourceKind } from './camera-resource.ts';

/** A Secret with the value `true` may be used by any Camera of its namespace. */
export const credentialsLabel = 'camplane.dev/camera-credentials';

/** The metadata of a Secret that decides who may use it. */
export type SecretMetadata = {
  labels?: Readonly<Record<string, string>>;
  ownerReferences?: readonly { apiVersion: string; kind: string; name: string; uid: string }[];
};

/** `owner`: the name of the camera that the Secret belongs to. */
export type SecretRefusal = { reason: 'not-labelled' } | { reason: 'other-owner'; owner: string };

/**
 * Why a Camera may not use a Secret; null: it may. Otherwise a user who may create Cameras could send any Secret of the
 * namespace to a host of theirs. Only those who may write the Secret can set its labels and owners. A Secret that a
 * Camera owns needs no label: control-api of version 0.1 created them without.
 */
export function secretRefusalFor(cameraUid: string, secret: SecretMetadata): SecretRefusal | null {
  const owners = (secret.ownerReferences ?? []).filter(
    ({ apiVersion, kind }) => apiVersion.startsWith(`${cameraResourceGroup}/`) && kind === cameraResourceKind,
  );
  if (owners.some(({ uid }) => uid === cameraUid)) return null;
  const [other] = owners;
  if (other) return { reason: 'other-owner', owner: other.name };
  return secret.labels?.[credentialsLabel] === 'true' ? null : { reason: 'not-labelled' };
}
