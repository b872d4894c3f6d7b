import { credentialsLabel } from '@camplane/contracts/camera-secret';
import type { CamplaneCluster } from './camplane-cluster.ts';

/** A simulated camera as a pod, with a login, in a separate namespace: cameras are not part of Camplane. */
export const cameraNamespace = 'street';
export const login = { username: 'viewer', password: 'p@ss wörd/%"\'' };
export const streetUrl = `rtsp://street-camera.${cameraNamespace}:8554/stream1`;
const labels = { app: 'street-camera' };

export async function addStreetCamera({ kubectl }: CamplaneCluster): Promise<void> {
  const metadata = { name: 'street-camera', namespace: cameraNamespace };
  const pod = {
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    containers: [
      {
        name: 'camera',
        image: 'docker.io/camplane/camera-simulator:0.1.0',
        imagePullPolicy: 'Never',
        args: ['--user', login.username, '--password', login.password],
        readinessProbe: { tcpSocket: { port: 8554 }, periodSeconds: 1 },
      },
    ],
  };
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: cameraNamespace } },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: [{ port: 8554 }] } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: pod },
      },
    },
  ];
  await kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
}

/** Disconnects the camera from the network, or reconnects it. */
export async function setStreetCamera({ kubectl }: CamplaneCluster, replicas: 0 | 1): Promise<void> {
  const scale = ['scale', 'deployment/street-camera', `--replicas=${replicas}`];
  await kubectl(['-n', cameraNamespace, ...scale]);
  if (replicas === 1) {
    await kubectl(['-n', cameraNamespace, 'rollout', 'status', 'deployment/street-camera', '--timeout=60s']);
  } else {
    await kubectl([
      '-n',
      cameraNamespace,
      'wait',
      '--for=delete',
      'pod',
      '--selector=app=street-camera',
      '--timeout=60s',
    ]);
  }
}

/** The Camera resource for it, and the Secret with its login. */
export function streetCamera(name: string, spec: Record<string, unknown> = {}) {
  const camera = {
    apiVersion: 'camplane.dev/v1alpha1',
    kind: 'Camera',
    metadata: { name },
    spec: { ...spec, source: { url: streetUrl, credentialsSecretRef: { name: `${name}-login` } } },
  };
  return { apiVersion: 'v1', kind: 'List', items: [secret(`${name}-login`, login), camera] };
}

export function secret(name: string, stringData: Record<string, string>) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: { [credentialsLabel]: 'true' } },
    stringData,
  };
}
