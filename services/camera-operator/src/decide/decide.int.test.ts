import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { startKubernetesApi } from '@camplane/testkit/kubernetes';
import type { CameraPlan } from '../plan.ts';
import type { CameraWorld } from '../world.ts';
import { decide } from './decide.ts';
import type { Deployment } from './deployment.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { cameraObject, settings, worldOf } from './testing/camera-world.ts';

/** Tests against a real kube-apiserver, in a namespace that enforces the `restricted` Pod Security Standard. */
const namespace = 'cameras';
const everything: OperatorSettings = {
  ...settings,
  imagePullSecrets: ['registry', 'other'],
  videoDeviceResource: 'smarter-devices/{device}',
  mediaClaim: 'footage',
  mediaSecret: 'camplane-media',
};
const cameras: Record<string, object> = {
  copy: { source: { url: 'rtsp://192.0.2.10/1' } },
  'transcode, with a login': {
    source: { url: 'rtsp://192.0.2.10/1', subUrl: 'file:yard.mp4', credentialsSecretRef: { name: 'login' } },
    video: { mode: 'transcode' },
  },
  'overlay on a device, placed': {
    source: { url: 'v4l2:/dev/video0', subUrl: 'v4l2:/dev/video12' },
    video: { mode: 'overlay' },
    placement: {
      nodeSelector: { 'kubernetes.io/hostname': 'node-a', zone: '' },
      tolerations: [
        { operator: 'Exists' },
        { key: 'example.com/yard', value: 'wet', effect: 'NoExecute', tolerationSeconds: 0 },
        { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' },
      ],
      extendedResources: { 'nvidia.com/gpu': 2 },
    },
  },
  stopped: { source: { url: 'test:testsrc2' }, enabled: false },
};

let api: TestKubernetesApi;

beforeAll(async () => {
  api = await startKubernetesApi();
  await send('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  });
  // Normally created by the controller manager; pods need it.
  await send('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
    ...{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
  });
}, 120_000);

afterAll(async () => {
  await api?.stop();
});

async function send(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body: unknown,
): Promise<KubernetesObject> {
  const answer = await api.request({
    ...{ method, path, body },
    ...(method === 'PATCH' ? { contentType: 'application/apply-patch+yaml' } : {}),
  });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body as KubernetesObject;
}

function apply({ type, object }: CameraPlan['apply'][number]): Promise<KubernetesObject> {
  const group = type.group === '' ? 'api' : `apis/${type.group}`;
  const path = `/${group}/${type.version}/namespaces/${namespace}/${type.plural}/${object.metadata.name}`;
  return send('PATCH', `${path}?fieldManager=camera-operator&force=true&fieldValidation=Strict`, object);
}

/** The world after the plan's objects are applied. */
async function applied(world: CameraWorld, plan: CameraPlan): Promise<CameraWorld> {
  const next = { ...world };
  for (const change of plan.apply) {
    const object = await apply(change);
    if (object.kind === 'ConfigMap') next.configMap = object;
    if (object.kind === 'Service') next.service = object;
    if (object.kind === 'Deployment') next.deployment = object;
  }
  return next;
}

function worldFor(spec: object, name: string): CameraWorld {
  const camera = cameraObject(spec);
  return worldOf({
    namespace,
    name,
    camera: { ...camera, metadata: { ...camera.metadata, name, namespace } },
  });
}

describe('decided objects, applied to a real API server', () => {
  it.each(Object.entries(cameras))('are accepted and then up to date: %s', async (_what, spec) => {
    const world = worldFor(spec, `camera-${Object.values(cameras).indexOf(spec)}`);
    const first = decide(world, everything);
    expect(first.apply).toHaveLength(3);
    const next = await applied(world, first);
    expect(decide(next, everything).apply).toEqual([]);
  });

  it.each(Object.entries(cameras))('are accepted by the restricted policy: %s', async (_what, spec) => {
    const plan = decide(worldFor(spec, 'pod'), everything);
    const deployment = plan.apply.find(({ object }) => object.kind === 'Deployment')?.object as Deployment;
    const { metadata, spec: podSpec } = deployment.spec.template as { metadata: object; spec: object };
    const create = (overrides: object) =>
      send('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All&fieldValidation=Strict`, {
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod', ...metadata } },
        spec: { ...podSpec, ...overrides },
      });
    expect((await create({})).kind).toBe('Pod');
    // Proves that the policy is enforced.
    await expect(create({ hostNetwork: true })).rejects.toThrow('violates PodSecurity');
  });

  it('are repaired after a change, with additions by others kept', async () => {
    const world = worldFor({ source: { url: 'test:testsrc2' } }, 'drift');
    const created = await applied(world, decide(world, everything));
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/camera-drift`;
    const patch = async (manager: string, body: object) =>
      (
        await api.request({
          ...{ method: 'PATCH', path: `${path}?fieldManager=${manager}`, body },
          contentType: 'application/merge-patch+json',
        })
      ).body as KubernetesObject;
    const annotated = await patch('rollout', {
      metadata: { labels: { team: 'yard' } },
      spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } },
    });
    expect(decide({ ...created, deployment: annotated }, everything).apply).toEqual([]);
    const scaled = await patch('other-client', { spec: { replicas: 3 } });
    const repair = decide({ ...created, deployment: scaled }, everything);
    expect(repair.apply.map(({ object }) => object.kind)).toEqual(['Deployment']);
    const repaired = await applied({ ...created, deployment: scaled }, repair);
    expect(decide(repaired, everything).apply).toEqual([]);
    expect(repaired.deployment).toMatchObject({
      spec: { replicas: 1 },
      metadata: { labels: { team: 'yard' } },
    });
  });

  it('are taken over by a new camera of the same name', async () => {
    const world = worldFor({ source: { url: 'test:testsrc2' } }, 'again');
    const created = await applied(world, decide(world, everything));
    if (created.camera === null) throw new Error('expected a camera');
    const camera = { ...created.camera, metadata: { ...created.camera.metadata, uid: 'another-uid' } };
    const plan = decide({ ...created, camera }, everything);
    expect(plan.apply).toHaveLength(3);
    const adopted = await applied({ ...created, camera }, plan);
    expect(decide(adopted, everything).apply).toEqual([]);
    expect(adopted.deployment?.metadata.uid).toBe(created.deployment?.metadata.uid);
    expect(adopted.deployment?.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual(['another-uid']);
  });

  it('lose removed fields', async () => {
    const world = worldFor(cameras['overlay on a device, placed'] ?? {}, 'moved');
    const created = await applied(world, decide(world, everything));
    const camera = worldFor({ source: { url: 'v4l2:/dev/video0' } }, 'moved').camera;
    const plan = decide({ ...created, camera }, everything);
    const moved = await applied({ ...created, camera }, plan);
    expect(decide(moved, everything).apply).toEqual([]);
    const template = JSON.stringify((moved.deployment as Deployment).spec.template);
    for (const removed of ['nodeSelector', 'gpu', 'video12', 'example.com/yard'])
      expect(template).not.toContain(removed);
  });
});
