import type { CamplaneCluster, Resource } from './camplane-cluster.ts';
import { cameraNamespace } from './street-camera.ts';
import { securedTenant, securedValues, tenantCertificates } from './tenant-certificate.ts';
import type { TenantCertificates } from './tenant-certificate.ts';

/** Two installations with equal names. */
export const tenants = ['north', 'south'] as const;
export type Tenant = (typeof tenants)[number];

/** The overlay that k8s/ documents for a further installation, without volumes. */
const southOverlay = 'e2e/src/cluster/south';

export type InstalledTenants = {
  /** What `helm install` printed for `north`. */
  notes: string;
  certificates: TenantCertificates;
};

/**
 * Installs `north` with the chart, TLS and NetworkPolicies, and `south` with kustomize and neither, so that it shows what they
 * prevent. Both namespaces enforce the restricted Pod Security Standard.
 *
 * @param folder for certificates
 */
export async function installTenants(camplane: CamplaneCluster, folder: string): Promise<InstalledTenants> {
  const { cluster, helm, kubectl } = camplane;
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await kubectl(['apply', '-f', '-'], {
    ...{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: securedTenant, labels } },
  });
  const certificates = tenantCertificates(camplane, folder);
  await certificates.issue('first');
  const networkPolicies = {
    enabled: true,
    viewersFrom: [{ podSelector: {} }, { ipBlock: { cidr: `${cluster.network.hostAddress}/32` } }],
    camerasTo: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': cameraNamespace } } }],
    apiServerPorts: [Number(new URL(cluster.api.url).port)],
  };
  // Two installations share two processors of a node.
  const detectionService = { resources: { requests: { cpu: '100m' } } };
  const settings = { ...securedValues, networkPolicies, detectionService };
  const values = Object.entries(settings).flatMap(([key, value]) => [
    '--set-json',
    `${key}=${JSON.stringify(value)}`,
  ]);
  const notes = await helm([
    ...['install', 'camplane', 'charts/camplane', '--namespace', securedTenant],
    ...['--values', 'charts/camplane/ci/ephemeral-values.yaml', ...values],
  ]);
  await kubectl(['apply', '-k', southOverlay]);
  return { notes, certificates };
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
