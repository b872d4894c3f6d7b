import { credentialsLabel } from '@camplane/contracts/camera-secret';
import { loadKubeConfig } from '@camplane/kubernetes/load-kube-config';
import { startKubernetesApi } from '@camplane/testkit/kubernetes';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const appsFolder = join(import.meta.dirname, '../../../../k8s/apps');
const crdFile = join(import.meta.dirname, '../../../../k8s/crds/cameras.camplane.dev.yaml');
const crdPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/cameras.camplane.dev';

/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access --
   tests access JSON without types */

// Tests access objects without types.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Stored = any;

/** A real API server with the Camera definition. Its methods act directly on it, like kubectl. */
export type CameraCluster = {
  kubernetes: TestKubernetesApi;
  /** A temporary folder. */
  folder: string;
  newNamespace(): Promise<string>;
  camera(namespace: string, name: string): Promise<Stored>;
  createCamera(namespace: string, name: string, spec: unknown): Promise<void>;
  patchCamera(namespace: string, name: string, patch: unknown, subresource?: '/status'): Promise<void>;
  removeCamera(namespace: string, name: string): Promise<void>;
  secret(namespace: string, name: string): Promise<Stored>;
  createSecret(
    namespace: string,
    name: string,
    data: Record<string, string>,
    labels?: Record<string, string>,
  ): Promise<void>;
  /** The service account of k8s/apps/APP, and a kubeconfig with its token; `rules` are those of its role. */
  serviceAccount(
    namespace: string,
    app: string,
    options?: { withRole: boolean },
  ): Promise<{ kubeConfig: KubeConfig; kubeConfigFile: string; rules: PolicyRule[] }>;
  /** A kubeconfig for another server. */
  deadCluster(url: string): Promise<{ kubeConfigFile: string }>;
  stop(): Promise<void>;
};

type PolicyRule = { apiGroups: string[]; resources: string[]; verbs: string[] };
type KubeConfig = TestKubernetesApi['kubeConfig'];

/** @param options `displayNameMaxLength`: a definition of another version that accepts longer names */
export async function startCameraCluster(
  options: { displayNameMaxLength?: number } = {},
): Promise<CameraCluster> {
  const { displayNameMaxLength = 128 } = options;
  const kubernetes = await startKubernetesApi();
  const folder = await createTemporaryFolder();
  let namespaces = 0;

  const requestOrThrow = async (request: Parameters<typeof kubernetes.request>[0]): Promise<Stored> => {
    const answer = await kubernetes.request(request);
    if (answer.status >= 300) {
      throw new Error(
        `${request.method ?? 'GET'} ${request.path}: ${answer.status} ${JSON.stringify(answer.body)}`,
      );
    }
    return answer.body;
  };
  const find = async (path: string): Promise<Stored> => {
    const { status, body } = await kubernetes.request({ path });
    return status === 404 ? undefined : body;
  };
  const camerasOf = (namespace: string) => `/apis/camplane.dev/v1alpha1/namespaces/${namespace}/cameras`;
  const secretsOf = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`;

  await requestOrThrow({
    method: 'PATCH',
    path: `${crdPath}?fieldManager=test`,
    contentType: 'application/apply-patch+yaml',
    body: (await readFile(crdFile, 'utf8')).replace('maxLength: 128', `maxLength: ${displayNameMaxLength}`),
  });
  await waitUntil(
    async () => (await kubernetes.request({ path: camerasOf('default') })).status,
    (status) => status === 200,
    { what: 'cameras are served', timeoutMs: 30_000 },
  );

  return {
    kubernetes,
    folder: folder.path,
    newNamespace: async () => {
      const name = `cameras-${namespaces++}`;
      await requestOrThrow({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } });
      return name;
    },
    camera: (namespace, name) => find(`${camerasOf(namespace)}/${name}`),
    createCamera: async (namespace, name, spec) => {
      const body = { apiVersion: 'camplane.dev/v1alpha1', kind: 'Camera', metadata: { name }, spec };
      await requestOrThrow({ method: 'POST', path: camerasOf(namespace), body });
    },
    patchCamera: async (namespace, name, patch, subresource = undefined) => {
      await requestOrThrow({
        method: 'PATCH',
        path: `${camerasOf(namespace)}/${name}${subresource ?? ''}`,
        contentType: 'application/merge-patch+json',
        body: patch,
      });
    },
    removeCamera: async (namespace, name) => {
      await requestOrThrow({ method: 'DELETE', path: `${camerasOf(namespace)}/${name}` });
    },
    secret: (namespace, name) => find(`${secretsOf(namespace)}/${name}`),
    createSecret: async (namespace, name, stringData, labels = { [credentialsLabel]: 'true' }) => {
      await requestOrThrow({
        method: 'POST',
        path: secretsOf(namespace),
        body: { metadata: { name, labels }, stringData },
      });
    },
    serviceAccount: async (namespace, app, { withRole } = { withRole: true }) => {
      const apply = async (path: string, file: string): Promise<Stored> =>
        requestOrThrow({
          method: 'PATCH',
          path: `${path}?fieldManager=test`,
          contentType: 'application/apply-patch+yaml',
          body: (await readFile(join(appsFolder, app, 'base', file), 'utf8')).replace(
            '- kind: ServiceAccount\n',
            `- kind: ServiceAccount\n    namespace: ${namespace}\n`,
          ),
        });
      const name = `camplane-${app}`;
      const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
      const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
      await apply(account, 'serviceaccount.yaml');
      const role = await apply(`${rbac}/roles/${name}`, 'role.yaml');
      if (withRole) await apply(`${rbac}/rolebindings/${name}`, 'rolebinding.yaml');
      const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
      const { status } = await requestOrThrow({ method: 'POST', path: `${account}/token`, body: request });
      const text = kubernetes.kubeConfig.exportConfig().replaceAll(kubernetes.token, String(status.token));
      const kubeConfigFile = join(folder.path, `${namespace}-${app}.json`);
      await writeFile(kubeConfigFile, text, { mode: 0o600 });
      return { kubeConfig: loadKubeConfig({ kubeConfigFile }), kubeConfigFile, rules: role.rules };
    },
    deadCluster: async (url) => {
      const kubeConfigFile = join(folder.path, 'dead-cluster.json');
      const text = kubernetes.kubeConfig.exportConfig().replaceAll(kubernetes.url, url);
      await writeFile(kubeConfigFile, text, { mode: 0o600 });
      return { kubeConfigFile };
    },
    stop: async () => {
      await kubernetes.stop();
      await folder.remove();
    },
  };
}
