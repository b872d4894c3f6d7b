import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import { cameraLabel, workloadLabels } from '@camplane/contracts/camera-workload';
import { createKubernetesApi } from '@camplane/kubernetes/create-kubernetes-api';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { startKubernetesApi } from '@camplane/testkit/kubernetes';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { Pod } from '../decide/pod.ts';

export type StoredCamera = KubernetesObject & { spec: unknown; status?: CameraResourceStatus };

export type PolicyRule = { apiGroups: string[]; resources: string[]; verbs: string[] };

/** A real API server with the Camera CRD, with administrator access. */
export type OperatorCluster = {
  kubernetes: TestKubernetesApi;
  api: KubernetesApi;
  newNamespace(): Promise<OperatorNamespace>;
  stop(): Promise<void>;
};

export type OperatorNamespace = {
  name: string;
  /** The operator's service account, limited to its role in k8s/. */
  account: { token: string; rules: PolicyRule[] };
  createCamera(name: string, spec?: object): Promise<StoredCamera>;
  camera(name: string): Promise<StoredCamera | undefined>;
  patchCamera(name: string, patch: object): Promise<StoredCamera>;
  /** For the operator's service account, through an HTTP proxy at this address. */
  kubeConfigText(proxyUrl: string): string;
  /** A pod with the given status; by default running and ready at 127.0.0.1. */
  createPod(camera: string, status?: Pod['status']): Promise<Pod>;
  createEdgePod(): Promise<Pod>;
};

const k8sFolder = join(import.meta.dirname, '../../../../k8s');
const accountName = 'camplane-camera-operator';

export async function startOperatorCluster(): Promise<OperatorCluster> {
  const kubernetes = await startKubernetesApi();
  const api = createKubernetesApi({ kubeConfig: kubernetes.kubeConfig });
  let namespaces = 0;

  async function create<T>(path: string, body: unknown): Promise<T> {
    const isYaml = typeof body === 'string';
    const answer = await kubernetes.request({
      ...{ method: 'POST', path, body },
      contentType: isYaml ? 'application/yaml' : 'application/json',
    });
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  }

  const crd = await readFile(join(k8sFolder, 'crds/cameras.camplane.dev.yaml'), 'utf8');
  await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd);
  await waitUntil(
    async () => (await kubernetes.request({ path: camerasPath('default') })).status,
    (status) => status === 200,
    { what: 'cameras are served', timeoutMs: 30_000 },
  );

  async function createAccount(namespace: string): Promise<OperatorNamespace['account']> {
    const base = join(k8sFolder, 'apps/camera-operator/base');
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await create(accounts, { metadata: { name: accountName } });
    const role = await readFile(join(base, 'role.yaml'), 'utf8');
    const { rules } = await create<{ rules: PolicyRule[] }>(`${rbac}/roles`, role);
    await create(`${rbac}/rolebindings`, {
      metadata: { name: accountName },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: accountName },
      subjects: [{ kind: 'ServiceAccount', name: accountName, namespace }],
    });
    const { status } = await create<{ status: { token: string } }>(`${accounts}/${accountName}/token`, {
      ...{ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    });
    return { token: status.token, rules };
  }

  async function createPodWith(
    namespace: string,
    pod: object,
    status: Pod['status'] = runningAt('127.0.0.1'),
  ): Promise<Pod> {
    const { metadata } = await create<Pod>(`/api/v1/namespaces/${namespace}/pods`, pod);
    const ref = { namespace, name: metadata.name };
    return api.mergePatch<Pod>(resourceTypes.pod, ref, { status }, { subresource: 'status' });
  }

  return {
    kubernetes,
    api,
    async newNamespace() {
      namespaces += 1;
      const namespace = `cameras-${namespaces}`;
      await create('/api/v1/namespaces', { metadata: { name: namespace } });
      // Normally created by the controller manager; pods need it.
      await create(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'default' } });
      const account = await createAccount(namespace);
      return {
        name: namespace,
        account,
        kubeConfigText: (proxyUrl) => kubeConfigText(proxyUrl, account.token),
        patchCamera: (name, patch) => api.mergePatch(resourceTypes.camera, { namespace, name }, patch),
        createCamera: (name, spec = { source: { url: 'rtsp://192.0.2.10/stream1' } }) =>
          create(camerasPath(namespace), {
            ...{ apiVersion: 'camplane.dev/v1alpha1', kind: 'Camera', metadata: { name }, spec },
          }),
        camera: (name) => api.get<StoredCamera>(resourceTypes.camera, { namespace, name }),
        createPod: (camera, status) => createPodWith(namespace, podOf(camera), status),
        createEdgePod: () => createPodWith(namespace, edgePod),
      };
    },
    stop: () => kubernetes.stop(),
  };
}

function kubeConfigText(server: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'operator', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'operator' } }],
    'current-context': 'test',
  });
}

function camerasPath(namespace: string): string {
  return `/apis/camplane.dev/v1alpha1/namespaces/${namespace}/cameras`;
}

function podOf(camera: string) {
  const image = 'none';
  return {
    metadata: {
      generateName: `camera-${camera}-`,
      labels: { ...workloadLabels, 'app.kubernetes.io/instance': camera, [cameraLabel]: camera },
    },
    spec: {
      nodeName: 'node-a',
      containers: [{ name: 'camera-service', image }],
      initContainers: [{ name: 'mediamtx', image, restartPolicy: 'Always' }],
    },
  };
}

const edgePod = {
  metadata: { generateName: 'mediamtx-', labels: { 'app.kubernetes.io/name': 'mediamtx' } },
  spec: { nodeName: 'node-a', containers: [{ name: 'mediamtx', image: 'none' }] },
};

function runningAt(podIP: string): Pod['status'] & object {
  const startedAt = '2026-01-01T00:00:00Z';
  const container = (name: string) => ({
    ...{
      name,
      image: 'none',
      imageID: 'none',
      ready: true,
      restartCount: 0,
      state: { running: { startedAt } },
    },
  });
  return {
    phase: 'Running',
    podIP,
    startTime: startedAt,
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [container('camera-service')],
    initContainerStatuses: [container('mediamtx')],
  };
}
