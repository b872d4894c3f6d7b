import type { CamplaneCluster, Resource } from './camplane-cluster.ts';
import { cameraNamespace } from './street-camera.ts';

/** Two installations with equal names. The policies are those of the chart's production values. */
export const tenants = ['north', 'south'] as const;
export type Tenant = (typeof tenants)[number];

/**
 * Installs the chart in both namespaces, which enforce the restricted Pod Security Standard. Only `north` has NetworkPolicies,
 * so that `south` shows what they prevent.
 */
export async function installTenants({ cluster, helm, kubectl }: CamplaneCluster): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const items = tenants.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }));
  await kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  const policies = {
    enabled: true,
    viewersFrom: [{ podSelector: {} }, { ipBlock: { cidr: `${cluster.network.hostAddress}/32` } }],
    camerasTo: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': cameraNamespace } } }],
    apiServerPorts: [Number(new URL(cluster.api.url).port)],
  };
  const settings: Record<Tenant, object> = {
    north: { networkPolicies: policies },
    south: { crds: { install: false } },
  };
  for (const name of tenants) {
    const set = Object.entries(settings[name]).flatMap(([key, value]) => [
      '--set-json',
      `${key}=${JSON.stringify(value)}`,
    ]);
    const values = ['--values', 'charts/camplane/ci/ephemeral-values.yaml', ...set];
    await helm(['install', 'camplane', 'charts/camplane', '--namespace', name, ...values]);
  }
}

type Container = {
  name: string;
  ports?: { containerPort: number; protocol: string }[];
  securityContext?: { readOnlyRootFilesystem?: boolean };
  volumeMounts?: { mountPath: string }[];
};

export type InstalledPod = Resource & {
  metadata: { labels: Record<string, string> };
  spec: { containers: Container[]; initContainers?: Container[] };
  status?: { containerStatuses?: { restartCount: number }[] };
};

/** The pods of an installation, cameras included. */
export async function podsOf({ list }: CamplaneCluster, tenant: Tenant): Promise<InstalledPod[]> {
  return (await list(tenant, 'pods', 'app.kubernetes.io/part-of=camplane')) as InstalledPod[];
}

function containersOf({ spec }: InstalledPod): Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

export function componentOf({ metadata }: InstalledPod): string {
  return metadata.labels['app.kubernetes.io/component'] ?? '';
}

/** The TCP ports that a pod declares. */
export function declaredPorts(pod: InstalledPod): number[] {
  const ports = containersOf(pod).flatMap((container) => container.ports ?? []);
  return ports.filter(({ protocol }) => protocol === 'TCP').map(({ containerPort }) => containerPort);
}

/** Containers whose root folder is writable. */
export function writableRoots(pod: InstalledPod): string[] {
  return containersOf(pod)
    .filter(({ securityContext }) => securityContext?.readOnlyRootFilesystem !== true)
    .map(({ name }) => `${pod.metadata.name}: ${name}`);
}

/** Where the token of a ServiceAccount is mounted. */
export function tokenPaths(pod: InstalledPod): string[] {
  const paths = containersOf(pod).flatMap(({ volumeMounts }) =>
    (volumeMounts ?? []).map(({ mountPath }) => mountPath),
  );
  return paths.filter((path) => path.includes('serviceaccount'));
}
