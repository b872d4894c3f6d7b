import { cameraLabel } from '@camplane/contracts/camera-workload';
import { namespace } from './populated-cluster.ts';
import type { TestCluster } from './populated-cluster.ts';

const cameras = `/apis/camplane.dev/v1alpha1/namespaces/${namespace}/cameras`;
const core = `/api/v1/namespaces/${namespace}`;
const apps = `/apis/apps/v1/namespaces/${namespace}`;

export const secondsAgo = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();

/** Fills a namespace with a Camplane installation and four cameras in different states. */
export async function fillNamespace({ create }: TestCluster): Promise<void> {
  const camera = (name: string, spec: object, status?: object) =>
    create(cameras, {
      apiVersion: 'camplane.dev/v1alpha1',
      kind: 'Camera',
      metadata: { name },
      spec: { source: { url: `rtsp://192.0.2.10:554/${name}` }, ...spec },
      ...(status === undefined ? {} : { status }),
    });
  const frontDoor = await camera(
    'front-door',
    {
      displayName: 'Front door',
      source: {
        url: 'rtsp://192.0.2.10:554/stream1',
        subUrl: 'rtsp://192.0.2.10:554/stream2',
        credentialsSecretRef: { name: 'front-door-login' },
      },
    },
    {
      phase: 'Running',
      conditions: [
        condition('Ready', 'True', 'FramesFlowing', 'Video is live.'),
        condition('Connected', 'True', 'Connected', 'The camera sends video.'),
      ],
      video: { codec: 'h264', width: 1920, height: 1080, size: '1920x1080', fps: 24.98 },
      viewers: 3,
      restarts: 1,
      node: 'node-a',
      lastFrameTime: secondsAgo(2),
      endpoints: {
        rtsp: 'rtsp://127.0.0.1:8554/front-door',
        hls: 'http://127.0.0.1:8888/front-door',
        webrtc: 'http://127.0.0.1:8889/front-door',
      },
    },
  );
  await camera(
    'garage',
    {},
    {
      phase: 'Error',
      conditions: [
        condition(
          'Ready',
          'False',
          'AuthenticationFailed',
          'The camera refused the login. Check the Secret garage-login.',
        ),
      ],
      restarts: 12,
    },
  );
  await camera(
    'shed',
    { enabled: false },
    { phase: 'Stopped', conditions: [condition('Ready', 'False', 'Disabled', 'The camera is stopped.')] },
  );
  await camera('yard', {});

  await makePod(create, 'front-door', 'camera-front-door-6d5f8c9b7-x2x4z');
  await makeEvent(
    create,
    'Camera',
    'front-door',
    'Normal',
    'Ready',
    'Video is live.',
    95,
    String(frontDoor.metadata.uid),
  );
  await makeEvent(
    create,
    'Pod',
    'camera-front-door-6d5f8c9b7-x2x4z',
    'Normal',
    'Started',
    'Started container camera-service',
    110,
  );
  await makeEvent(
    create,
    'Camera',
    'garage',
    'Warning',
    'AuthenticationFailed',
    'The camera refused the login.',
    40,
  );
  await makeEvent(create, 'Pod', 'unrelated', 'Normal', 'Started', 'Unrelated to cameras', 10);

  const parts = ['camera-operator', 'control-api', 'mediamtx', 'camera-service', 'detection-service'];
  for (const name of [...parts, 'stream-proxy']) {
    await makePart(create, name, 1);
  }
  await create(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`, {
    metadata: { name: 'camplane-camera-operator' },
    spec: {
      holderIdentity: 'camplane-camera-operator-6d5f8c9b7-x2x4z',
      leaseDurationSeconds: 15,
      renewTime: secondsAgo(3).replace('Z', '000Z'),
    },
  });
}

export function condition(type: string, status: string, reason: string, message: string) {
  return { type, status, reason, message, lastTransitionTime: secondsAgo(7_500), observedGeneration: 1 };
}

type Make = TestCluster['create'];

const labelsOf = (part: string) => ({
  'app.kubernetes.io/name': part,
  'app.kubernetes.io/part-of': 'camplane',
});

export async function makePart(create: Make, name: string, available: number): Promise<void> {
  const labels = labelsOf(name);
  const container = { name, image: `camplane/${name}:0.1.0` };
  await create(`${apps}/deployments`, {
    metadata: { name: `camplane-${name}`, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
    status: { replicas: 1, availableReplicas: available, readyReplicas: available },
  });
  await create(`${core}/services`, {
    metadata: { name: `camplane-${name}`, labels },
    spec: { selector: labels, ports: [{ name: 'http', port: 8080 }] },
  });
}

const running = {
  ready: true,
  restartCount: 0,
  image: 'x',
  imageID: 'x',
  started: true,
  state: { running: {} },
};

/** A running pod of a component that is not ready. */
export async function makePartPod(create: Make, part: string, name: string): Promise<void> {
  await create(`${core}/pods`, {
    metadata: { name, labels: labelsOf(part) },
    spec: { nodeName: 'node-a', containers: [{ name: part, image: 'x' }] },
    status: { phase: 'Running', containerStatuses: [{ name: part, ...running, ready: false }] },
  });
}

async function makePod(create: Make, cameraId: string, name: string): Promise<void> {
  await create(`${core}/pods`, {
    metadata: { name, labels: { [cameraLabel]: cameraId } },
    spec: {
      nodeName: 'node-a',
      containers: [{ name: 'camera-service', image: 'x' }],
      initContainers: [{ name: 'mediamtx', image: 'x', restartPolicy: 'Always' }],
    },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'camera-service', ...running }],
      initContainerStatuses: [{ name: 'mediamtx', ...running, restartCount: 2 }],
    },
  });
}

export async function makeEvent(
  create: Make,
  ...[kind, name, type, reason, note, seconds, uid]: [string, string, string, string, string, number, string?]
): Promise<void> {
  const apiVersion = kind === 'Camera' ? 'camplane.dev/v1alpha1' : 'v1';
  await create(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`, {
    metadata: { name: `${name}.${Math.random().toString(16).slice(2)}`, namespace },
    eventTime: secondsAgo(seconds).replace('Z', '000Z'),
    type,
    reason,
    note,
    action: 'Reconcile',
    regarding: { apiVersion, kind, name, namespace, ...(uid === undefined ? {} : { uid }) },
    reportingController: 'camplane.dev/camera-operator',
    reportingInstance: 'test',
  });
}

/** The `/readyz` response of a healthy component. */
export function readyBody(service: string): string {
  const checks = [{ name: 'process', ok: true }];
  if (/control-api/.test(service)) checks.push({ name: 'database', ok: true }, { name: 'cameras', ok: true });
  if (/control-api|detection/.test(service)) checks.push({ name: 'event bus', ok: true });
  return JSON.stringify({ ready: true, checks });
}
