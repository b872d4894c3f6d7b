import { credentialsSchema } from '@camplane/contracts/camera';
import type { Credentials } from '@camplane/contracts/camera';
import { credentialsLabel, secretRefusalFor } from '@camplane/contracts/camera-secret';
import { cameraResourceGroup, cameraResourceVersion } from '@camplane/contracts/camera-resource';
import { workloadName } from '@camplane/contracts/camera-workload';
import { CamplaneError } from '@camplane/contracts/problem';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';

type Secret = KubernetesObject & { type?: string; data?: Record<string, string> };
type Owner = { id: string; uid: string };

const type = resourceTypes.secret;
const fieldManager = 'control-api';
const ownLabels = {
  'app.kubernetes.io/part-of': 'camplane',
  'app.kubernetes.io/component': 'camera',
  'app.kubernetes.io/managed-by': 'control-api',
  [credentialsLabel]: 'true',
};

/** The Secret in which control-api keeps the credentials of a camera. */
export function ownSecretName(cameraId: string): string {
  return `${workloadName(cameraId)}-credentials`;
}

/** Credentials in Secrets. Only those that control-api created are written. */
export type CredentialsSecrets = {
  /** Null if the Secret does not exist, may not be used by this camera, or holds no valid credentials. */
  read(name: string, cameraUid: string): Promise<Credentials | null>;
  /** @throws CamplaneError `invalid-body` if the Secret was not created by control-api */
  write(owner: Owner, credentials: Credentials): Promise<void>;
  /** The Secret of an earlier camera with this id that the garbage collector has not removed yet. */
  findLeftover(cameraId: string): Promise<{ discard(): Promise<void> } | undefined>;
  /** Removes the Secret of the camera, if it exists. */
  remove(owner: Owner): Promise<void>;
};

export function createCredentialsSecrets(deps: {
  api: Pick<KubernetesApi, 'get' | 'create' | 'replace' | 'remove'>;
  namespace: string;
}): CredentialsSecrets {
  const { api, namespace } = deps;
  const get = (name: string) => api.get<Secret>(type, { namespace, name });

  const discard = async (secret: Secret): Promise<void> => {
    const { name, uid } = secret.metadata;
    try {
      await api.remove(type, { namespace, name }, uid === undefined ? {} : { uid });
    } catch (error) {
      // It was replaced in the meantime.
      if (!(error instanceof KubernetesError && error.kind === 'conflict')) throw error;
    }
  };

  return {
    read: async (name, cameraUid) => {
      const secret = await get(name);
      // As the operator, which does not mount it.
      if (!secret || secretRefusalFor(cameraUid, secret.metadata) !== null) return null;
      return credentialsOf(secret);
    },
    write: async (owner, credentials) => {
      const desired = secretOf(namespace, owner, credentials);
      const known = await get(desired.metadata.name);
      if (!known) {
        await api.create(type, desired, { fieldManager });
        return;
      }
      requireOwn(known);
      const { resourceVersion } = known.metadata;
      const metadata = { ...desired.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
      await api.replace(type, { ...desired, metadata });
    },
    findLeftover: async (cameraId) => {
      const secret = await get(ownSecretName(cameraId));
      if (!secret) return undefined;
      requireOwn(secret);
      return { discard: () => discard(secret) };
    },
    remove: async (owner) => {
      const secret = await get(ownSecretName(owner.id));
      const isOwned = secret?.metadata.ownerReferences?.some(({ uid }) => uid === owner.uid) ?? false;
      if (secret && isOwn(secret) && isOwned) await discard(secret);
    },
  };
}

export function ownerOf(camera: KubernetesObject): Owner {
  return { id: camera.metadata.name, uid: camera.metadata.uid ?? '' };
}

function secretOf(namespace: string, owner: Owner, credentials: Credentials): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: ownSecretName(owner.id),
      namespace,
      labels: { ...ownLabels, 'app.kubernetes.io/name': 'camera-credentials' },
      // The garbage collector removes it with its camera.
      ownerReferences: [
        {
          apiVersion: `${cameraResourceGroup}/${cameraResourceVersion}`,
          kind: 'Camera',
          name: owner.id,
          uid: owner.uid,
        },
      ],
    },
    type: 'Opaque',
    data: { username: encode(credentials.username), password: encode(credentials.password) },
  };
}

/** Like camera-service, which reads the mounted Secret: one of the two keys is enough. */
function credentialsOf({ data = {} }: Secret): Credentials | null {
  const { username, password } = data;
  if (username === undefined && password === undefined) return null;
  const parsed = credentialsSchema.safeParse({
    username: decode(username ?? ''),
    password: decode(password ?? ''),
  });
  return parsed.success ? parsed.data : null;
}

function isOwn(secret: Secret): boolean {
  return secret.metadata.labels?.['app.kubernetes.io/managed-by'] === 'control-api';
}

function requireOwn(secret: Secret): void {
  if (isOwn(secret)) return;
  const { name } = secret.metadata;
  throw new CamplaneError('invalid-body', `The Secret ${name} was not created by control-api`, {
    fields: [
      {
        path: 'source.credentials',
        message: `would be stored in the Secret ${name}, which control-api did not create: rename or delete it`,
      },
    ],
  });
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function decode(base64: string): string {
  // A Secret created from a file often ends in a line break.
  return Buffer.from(base64, 'base64')
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
