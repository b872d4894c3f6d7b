import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findKubernetesProgram } from '@camplane/testkit/kubernetes-programs';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { startServerProcess } from '@camplane/testkit/server-process';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { fileURLToPath } from 'node:url';

export type SimulatedNodes = { stop(): Promise<void> };

/** All of 127.0.0.0/8 is this machine (RFC 1122, section 3.2.1.3): every pod has one address in it. */
export const podAddress = '127.9.9.9';

const nodes = 20;
const podsPerNode = 250;

/**
 * The real controller manager and scheduler, and kwok instead of kubelets, which only writes statuses.
 */
export async function startSimulatedNodes(api: TestKubernetesApi): Promise<SimulatedNodes> {
  const kwok = fileURLToPath(new URL('../../.tools/bin/kwok', import.meta.url));
  await access(kwok).catch(() => {
    throw new Error("kwok is not installed: run 'tools/setup.sh bench'");
  });
  const folder = await createTemporaryFolder();
  const stages = join(folder.path, 'stages.yaml');
  await writeFile(stages, simulatedStages);
  for (let n = 0; n < nodes; n += 1) await createNode(api, `simulated-${n}`);
  const client = ['--kube-api-qps=200', '--kube-api-burst=400'];
  const shared = [`--kubeconfig=${api.kubeConfigFile}`, '--leader-elect=false', '--secure-port=0', ...client];
  const controllers = ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller'];
  const processes = [
    startServerProcess('kube-controller-manager', await findKubernetesProgram('kube-controller-manager'), [
      ...shared,
      `--controllers=${controllers.join(',')}`,
      ...['--concurrent-deployment-syncs=20', '--concurrent-replicaset-syncs=20'],
    ]),
    startServerProcess('kube-scheduler', await findKubernetesProgram('kube-scheduler'), shared),
    // Its client requests lists as watches, which need etcd 3.5.
    startServerProcess('kwok', 'env', [
      ...['KUBE_FEATURE_WatchListClient=false', kwok],
      ...[`--kubeconfig=${api.kubeConfigFile}`, '--manage-all-nodes=true', `--config=${stages}`],
      ...['--node-lease-duration-seconds=0', '--server-address='],
    ]),
  ];
  return {
    async stop() {
      await Promise.all(processes.map((process) => process.kill()));
      await folder.remove();
    },
  };
}

async function createNode(api: TestKubernetesApi, name: string): Promise<void> {
  const size = { cpu: '1000', memory: '4Ti', pods: String(podsPerNode), 'ephemeral-storage': '4Ti' };
  const path = '/api/v1/nodes';
  await api.request({ method: 'POST', path, body: { metadata: { name } } });
  const contentType = 'application/merge-patch+json';
  // A new node has a taint that a controller removes once its kubelet reports.
  await api.request({
    method: 'PATCH',
    path: `${path}/${name}`,
    contentType,
    body: { spec: { taints: null } },
  });
  const conditions = [{ type: 'Ready', status: 'True', reason: 'Simulated' }];
  const body = { status: { capacity: size, allocatable: size, conditions } };
  await api.request({ method: 'PATCH', path: `${path}/${name}/status`, contentType, body });
}

/** kwok manages the pods of its nodes: a scheduled pod runs at once, a deleted one disappears at once. */
const simulatedStages = `apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: { name: node }
spec:
  resourceRef: { apiGroup: v1, kind: Node }
  selector:
    matchExpressions:
      - { key: .status.phase, operator: NotIn, values: [Running] }
  next:
    statusTemplate: |
      phase: Running
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: { name: run }
spec:
  resourceRef: { apiGroup: v1, kind: Pod }
  selector:
    matchExpressions:
      - { key: .metadata.deletionTimestamp, operator: DoesNotExist }
      - { key: .status.podIP, operator: DoesNotExist }
  next:
    statusTemplate: |
      phase: Running
      podIP: ${podAddress}
      podIPs: [{ ip: ${podAddress} }]
      startTime: {{ Now | Quote }}
      conditions:
        - { type: Ready, status: "True", lastTransitionTime: {{ Now | Quote }} }
      containerStatuses:
        {{ range .spec.containers }}
        - name: {{ .name }}
          image: {{ .image }}
          ready: true
          restartCount: 0
          state: { running: { startedAt: {{ Now | Quote }} } }
        {{ end }}
      initContainerStatuses:
        {{ range .spec.initContainers }}
        - name: {{ .name }}
          image: {{ .image }}
          ready: true
          restartCount: 0
          state: { running: { startedAt: {{ Now | Quote }} } }
        {{ end }}
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: { name: go }
spec:
  resourceRef: { apiGroup: v1, kind: Pod }
  selector:
    matchExpressions:
      - { key: .metadata.deletionTimestamp, operator: Exists }
  next:
    finalizers: { empty: true }
    delete: true
`;
