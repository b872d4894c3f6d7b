import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { CameraWorld } from '../world.ts';
import { decide } from './decide.ts';
import { installationHashOf, rolloutAnnotations } from './installation.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { appliedAnnotation } from './ownership.ts';
import { cameraObject, podObject, reportOf, running, settings, worldOf } from './testing/camera-world.ts';
import { applyToWorld } from './testing/apply-to-world.ts';

const newImage: OperatorSettings = {
  ...settings,
  images: { ...settings.images, cameraService: 'camplane/camera-service:0.2.0' },
};
const moreLogs: OperatorSettings = { ...settings, logLevel: 'debug' };
const url = 'rtsp://192.0.2.10/stream1';
const isReady = { pods: [podObject(running)], report: reportOf('RUNNING') };
const isNotReady = {
  pods: [podObject({ ...running, conditions: [{ type: 'Ready', status: 'False' }] })],
  report: reportOf('ERROR'),
};

/** A world with the workload created with `settings`, and a pod. */
function createdWorld(spec: object = { source: { url } }, pods: Partial<CameraWorld> = isReady): CameraWorld {
  const world = worldOf({ camera: cameraObject(spec), ...pods });
  const next = applyToWorld(world, decide(world, settings));
  return applyToWorld(next, decide(next, settings));
}

function changed(world: CameraWorld, spec: object): CameraWorld {
  return { ...world, camera: cameraObject({ source: { url }, ...spec }, { generation: 2 }) };
}

/** Without rollout annotations, as older versions wrote it. */
function ofVersionBefore(world: CameraWorld): CameraWorld {
  const deployment = structuredClone(world.deployment);
  for (const name of Object.values(rolloutAnnotations)) delete deployment?.metadata.annotations?.[name];
  return { ...world, deployment };
}

function withStatus(deployment: KubernetesObject | null, status: object): KubernetesObject | null {
  return deployment && { ...deployment, ...{ status: { observedGeneration: 1, ...status } } };
}

const kinds = ({ apply }: ReturnType<typeof decide>) => apply.map(({ object }) => object.kind);
const annotationsOf = (plan: ReturnType<typeof decide>) =>
  plan.apply.find(({ object }) => object.kind === 'Deployment')?.object.metadata.annotations;

describe('a change of the installation', () => {
  it('waits while the pod is ready and writes nothing', () => {
    for (const change of [newImage, moreLogs, { ...settings, kafkaBrokers: null }]) {
      const plan = decide(createdWorld(), change);
      expect(plan).toMatchObject({ replacement: 'waits', apply: [], annotatePods: [], status: null });
    }
  });

  it('is written with its configuration and annotations when allowed', () => {
    const plan = decide({ ...createdWorld(), mayReplace: true }, moreLogs);
    expect(plan.replacement).toBe('replaces');
    expect(kinds(plan)).toEqual(['ConfigMap', 'Deployment']);
    expect(annotationsOf(plan)).toMatchObject({
      [rolloutAnnotations.installation]: installationHashOf(moreLogs),
      [rolloutAnnotations.staged]: 'pod-uid',
    });
    const after = applyToWorld(createdWorld(), plan);
    expect(decide(after, moreLogs)).toMatchObject({ replacement: null, apply: [], annotatePods: [] });
  });

  it('counts as staged if the cache shows the pod as deleted before the new Deployment', () => {
    const plan = decide({ ...createdWorld(), ...isNotReady, mayReplace: true }, newImage);
    expect(plan.replacement).toBe('replaces');
    expect(annotationsOf(plan)).toHaveProperty([rolloutAnnotations.staged]);
  });

  it.each<[what: string, world: CameraWorld]>([
    ['the pod is not ready', { ...createdWorld(), ...isNotReady }],
    ['there is no pod', { ...createdWorld(), pods: [], report: null }],
    ['the camera is stopped', createdWorld({ source: { url }, enabled: false }, { pods: [] })],
    [
      'the camera was recreated',
      { ...createdWorld(), camera: withUid(cameraObject({ source: { url } }), 'other') },
    ],
    ['its video mode was changed as well', changed(createdWorld(), { video: { mode: 'overlay' } })],
    ['it was stopped as well', changed(createdWorld(), { enabled: false })],
  ])('does not wait if %s', (_what, world) => {
    const plan = decide(world, newImage);
    expect(plan.replacement).toBeNull();
    expect(kinds(plan)).toContain('Deployment');
    expect(annotationsOf(plan)).not.toHaveProperty([rolloutAnnotations.staged]);
  });

  it('keeps waiting, but applies a camera change that does not affect the pod at once', () => {
    const world = changed(createdWorld(), { frames: { fps: 3 } });
    const plan = decide(world, { ...newImage, logLevel: 'debug' });
    expect(plan).toMatchObject({ replacement: 'waits' });
    expect(kinds(plan)).toEqual(['ConfigMap']);
    const fileOf = (name: string, object: unknown) => (object as { data: Record<string, string> }).data[name];
    expect(fileOf('cameras.json', plan.apply[0]?.object)).toContain('"generation": 2');
    // Still the MediaMTX configuration of the running pod.
    const [held, live] = [plan.apply[0]?.object, world.configMap].map((at) => fileOf('mediamtx.yml', at));
    expect(held).toBe(live);
    const after = applyToWorld(world, plan);
    expect(decide(after, newImage)).toMatchObject({ replacement: 'waits', apply: [], annotatePods: [] });
  });

  it('only updates the annotation if the pod template is unchanged', () => {
    const plan = decide(createdWorld(), { ...settings, mediaClaim: 'footage' });
    expect(plan.replacement).toBeNull();
    expect(kinds(plan)).toEqual(['Deployment']);
    expect(annotationsOf(plan)).not.toHaveProperty([rolloutAnnotations.staged]);
    expect(annotationsOf(plan)?.[appliedAnnotation]).toBe(
      createdWorld().deployment?.metadata.annotations?.[appliedAnnotation],
    );
  });

  it('keeps counting a camera that has not recovered since an earlier change', () => {
    const first = applyToWorld(createdWorld(), decide({ ...createdWorld(), mayReplace: true }, newImage));
    const unavailable = { ...first, ...isNotReady };
    const failed = {
      ...unavailable,
      deployment: withStatus(unavailable.deployment, { updatedReplicas: 1, replicas: 1 }),
    };
    expect(annotationsOf(decide(failed, moreLogs))).toHaveProperty([rolloutAnnotations.staged]);
    const conditions = [{ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }];
    const recovered = { ...unavailable, deployment: withStatus(unavailable.deployment, { conditions }) };
    expect(annotationsOf(decide(recovered, moreLogs))).not.toHaveProperty([rolloutAnnotations.staged]);
  });
});

describe('without a change of the installation', () => {
  it('camera changes and drift are written at once', () => {
    const spec = decide(changed(createdWorld(), { video: { mode: 'overlay' } }), settings);
    expect(spec.replacement).toBeNull();
    expect(kinds(spec)).toEqual(['ConfigMap', 'Deployment']);
    const world = createdWorld();
    const deployment = JSON.parse(
      JSON.stringify(world.deployment).replaceAll('camera-service:0.1.0', 'camera-service:mine'),
    ) as KubernetesObject;
    const drift = decide({ ...world, deployment }, settings);
    expect(drift.replacement).toBeNull();
    expect(kinds(drift)).toEqual(['Deployment']);
  });
});

describe('a Deployment of an older version', () => {
  it('is annotated at once if its pod is unchanged, and waits if it would be replaced', () => {
    const world = ofVersionBefore(createdWorld());
    const same = decide(world, settings);
    expect([same.replacement, kinds(same)]).toEqual([null, ['Deployment']]);
    expect(decide(applyToWorld(world, same), settings).apply).toEqual([]);
    expect(decide(world, newImage)).toMatchObject({ replacement: 'waits', apply: [] });
  });

  it('does not wait if the camera was changed as well', () => {
    const world = changed(ofVersionBefore(createdWorld()), { video: { mode: 'overlay' } });
    expect(decide(world, newImage)).toMatchObject({ replacement: null });
  });
});

describe('installationHashOf', () => {
  it('differs for every setting in a pod template', () => {
    const changes: Partial<OperatorSettings>[] = [
      { images: newImage.images },
      { images: { ...settings.images, mediaMtx: 'other' } },
      ...[{ imagePullPolicy: 'Always' as const }, { imagePullSecrets: ['login'] }, { kafkaBrokers: null }],
      ...[{ maxFps: 1 }, { addresses: { ...settings.addresses, hls: 'http://other' } }],
      ...[{ videoDeviceResource: 'a/{device}' }, { mediaClaim: 'footage' }, { logLevel: 'debug' as const }],
    ];
    const hashes = [settings, ...changes.map((change) => ({ ...settings, ...change }))].map(
      installationHashOf,
    );
    expect(new Set(hashes).size).toBe(changes.length + 1);
    expect(installationHashOf(structuredClone(settings))).toBe(installationHashOf(settings));
  });
});

function withUid(camera: KubernetesObject, uid: string): KubernetesObject {
  return { ...camera, metadata: { ...camera.metadata, uid } };
}
