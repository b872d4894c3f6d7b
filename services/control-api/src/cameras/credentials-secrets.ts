import { credentialsSchema } from '@camplane/contracts/camera';
import type { Credentials } from '@camplane/contracts/camera';
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
};

/** The Secret in which control-api keeps a camera's credentials. */
export function ownSecretName(cameraId: string): string {
  return `${workloadName(cameraId)}-credentials`;
}

/** Credentials in Secrets of a namespace: any can be read by its name, only control-api's own are written. */
export type CredentialsSecrets = {
  /** Null where there is no such Secret, or what is in it are no credentials. */
  read(name: string): Promise<Credentials | null>;
  /** @throws CamplaneError `invalid-body` where a Secret of this name is somebody else's */
  write(owner: Owner, credentials: Credentials): Promise<void>;
  /** What an earlier camera of this id left, if its own end has not removed it yet; removed by `discard`. */
  findLeftover(cameraId: string): Promise<{ discard(): Promise<void> } | undefined>;
  /** Removes the camera's own Secret, if it is there. */
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
      // Another has taken its place meanwhile: it is not the one that was meant.
      if (!(error instanceof KubernetesError && error.kind === 'conflict')) throw error;
    }
  };

  return {
    read: async (name) => credentialsOf(await get(name)),
    write: async (owner, credentials) => {
      const wanted = secretOf(namespace, owner, credentials);
      const known = await get(wanted.metadata.name);
      if (!known) {
        await api.create(type, wanted, { fieldManager });
        return;
      }
      refuseStrange(known);
      const { resourceVersion } = known.metadata;
      const metadata = { ...wanted.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
      await api.replace(type, { ...wanted, metadata });
    },
    findLeftover: async (cameraId) => {
      const secret = await get(ownSecretName(cameraId));
      if (!secret) return undefined;
      refuseStrange(secret);
      return { discard: () => discard(secret) };
    },
    remove: async (owner) => {
      const secret = await get(ownSecretName(owner.id));
      const isOwned = secret?.metadata.ownerReferences?.some(({ uid }) => uid === owner.uid) ?? false;
      if (secret && isOwn(secret) && isOwned) await discard(secret);
    },
  };
}

function secretOf(namespace: string, owner: Owner, credentials: Credentials): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: ownSecretName(owner.id),
      namespace,
      labels: { ...ownLabels, 'app.kubernetes.io/name': 'camera-credentials' },
      // The cluster removes it with its camera.
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

/** As camera-service reads them where they are mounted: one of the two keys is enough. */
function credentialsOf(secret: Secret | undefined): Credentials | null {
  const { username, password } = secret?.data ?? {};
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

function refuseStrange(secret: Secret): void {
  if (isOwn(secret)) return;
  const { name } = secret.metadata;
  throw new CamplaneError('invalid-body', `The Secret ${name} was not made by control-api`, {
    fields: [
      {
        path: 'source.credentials',
        message: `would be kept in the Secret ${name}, which is somebody else's: rename or delete that one`,
      },
    ],
  });
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function decode(base64: string): string {
  // A Secret made from a file often ends in a line break, which no login does.
  return Buffer.from(base64, 'base64')
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
