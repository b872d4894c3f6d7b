import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { CameraWorld } from '../world.ts';
import { decide } from './decide.ts';
import { installationOf, rolloutAnnotations } from './installation.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { appliedAnnotation } from './ownership.ts';
import { cameraObject, podObject, reportOf, running, settings, worldOf } from './testing/camera-world.ts';
import { carryOut } from './testing/carry-out.ts';

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

/** A camera whose workload was made with `settings`, and its pod. */
function made(spec: object = { source: { url } }, pods: Partial<CameraWorld> = isReady): CameraWorld {
  const world = worldOf({ camera: cameraObject(spec), ...pods });
  const next = carryOut(world, decide(world, settings));
  return carryOut(next, decide(next, settings));
}

function changed(world: CameraWorld, spec: object): CameraWorld {
  return { ...world, camera: cameraObject({ source: { url }, ...spec }, { generation: 2 }) };
}

/** As the version before this one left it, which wrote no such annotations. */
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
  it('waits where the pod is ready, and writes nothing meanwhile', () => {
    for (const change of [newImage, moreLogs, { ...settings, kafkaBrokers: null }]) {
      const plan = decide(made(), change);
      expect(plan).toMatchObject({ replacement: 'waits', apply: [], annotatePods: [], status: null });
    }
  });

  it('is written when it is the camera’s turn, with its configuration, and is marked', () => {
    const plan = decide({ ...made(), mayReplace: true }, moreLogs);
    expect(plan.replacement).toBe('replaces');
    expect(kinds(plan)).toEqual(['ConfigMap', 'Deployment']);
    expect(annotationsOf(plan)).toMatchObject({
      [rolloutAnnotations.installation]: installationOf(moreLogs),
      [rolloutAnnotations.staged]: 'pod-uid',
    });
    const after = carryOut(made(), plan);
    expect(decide(after, moreLogs)).toMatchObject({ replacement: null, apply: [], annotatePods: [] });
  });

  it('is the camera’s turn also when its pod is seen to be gone, and the Deployment not yet', () => {
    const plan = decide({ ...made(), ...isNotReady, mayReplace: true }, newImage);
    expect(plan.replacement).toBe('replaces');
    expect(annotationsOf(plan)).toHaveProperty([rolloutAnnotations.staged]);
  });

  it.each<[what: string, world: CameraWorld]>([
    ['the pod is not ready', { ...made(), ...isNotReady }],
    ['there is no pod', { ...made(), pods: [], report: null }],
    ['the camera is stopped', made({ source: { url }, enabled: false }, { pods: [] })],
    ['the camera was made anew', { ...made(), camera: withUid(cameraObject({ source: { url } }), 'other') }],
    ['its video mode was changed, too', changed(made(), { video: { mode: 'overlay' } })],
    ['it was stopped, too', changed(made(), { enabled: false })],
  ])('does not wait where %s', (_what, world) => {
    const plan = decide(world, newImage);
    expect(plan.replacement).toBeNull();
    expect(kinds(plan)).toContain('Deployment');
    expect(annotationsOf(plan)).not.toHaveProperty([rolloutAnnotations.staged]);
  });

  it('waits on where somebody changes what is not of the pod, which is done at once', () => {
    const world = changed(made(), { frames: { fps: 3 } });
    const plan = decide(world, { ...newImage, logLevel: 'debug' });
    expect(plan).toMatchObject({ replacement: 'waits' });
    expect(kinds(plan)).toEqual(['ConfigMap']);
    const fileOf = (name: string, object: unknown) => (object as { data: Record<string, string> }).data[name];
    expect(fileOf('cameras.json', plan.apply[0]?.object)).toContain('"generation": 2');
    // That of the pod that runs.
    const [held, there] = [plan.apply[0]?.object, world.configMap].map((at) => fileOf('mediamtx.yml', at));
    expect(held).toBe(there);
    const after = carryOut(world, plan);
    expect(decide(after, newImage)).toMatchObject({ replacement: 'waits', apply: [], annotatePods: [] });
  });

  it('is none to a camera whose pod it leaves as it is: only the mark is written, at once', () => {
    const plan = decide(made(), { ...settings, mediaClaim: 'footage' });
    expect(plan.replacement).toBeNull();
    expect(kinds(plan)).toEqual(['Deployment']);
    expect(annotationsOf(plan)).not.toHaveProperty([rolloutAnnotations.staged]);
    expect(annotationsOf(plan)?.[appliedAnnotation]).toBe(
      made().deployment?.metadata.annotations?.[appliedAnnotation],
    );
  });

  it('goes on counting a camera that the change before it took away, and that was never back', () => {
    const first = carryOut(made(), decide({ ...made(), mayReplace: true }, newImage));
    const away = { ...first, ...isNotReady };
    const failed = { ...away, deployment: withStatus(away.deployment, { updatedReplicas: 1, replicas: 1 }) };
    expect(annotationsOf(decide(failed, moreLogs))).toHaveProperty([rolloutAnnotations.staged]);
    const conditions = [{ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }];
    const wasBack = { ...away, deployment: withStatus(away.deployment, { conditions }) };
    expect(annotationsOf(decide(wasBack, moreLogs))).not.toHaveProperty([rolloutAnnotations.staged]);
  });
});

describe('without a change of the installation', () => {
  it('nothing waits: what somebody changed of the camera, or by hand', () => {
    const spec = decide(changed(made(), { video: { mode: 'overlay' } }), settings);
    expect(spec.replacement).toBeNull();
    expect(kinds(spec)).toEqual(['ConfigMap', 'Deployment']);
    const world = made();
    const deployment = JSON.parse(
      JSON.stringify(world.deployment).replaceAll('camera-service:0.1.0', 'camera-service:mine'),
    ) as KubernetesObject;
    const drift = decide({ ...world, deployment }, settings);
    expect(drift.replacement).toBeNull();
    expect(kinds(drift)).toEqual(['Deployment']);
  });
});

describe('a Deployment of the version before', () => {
  it('is marked at once where its pod stays as it is, and waits where it would be replaced', () => {
    const world = ofVersionBefore(made());
    const same = decide(world, settings);
    expect([same.replacement, kinds(same)]).toEqual([null, ['Deployment']]);
    expect(decide(carryOut(world, same), settings).apply).toEqual([]);
    expect(decide(world, newImage)).toMatchObject({ replacement: 'waits', apply: [] });
  });

  it('does not make somebody wait who has just changed the camera', () => {
    const world = changed(ofVersionBefore(made()), { video: { mode: 'overlay' } });
    expect(decide(world, newImage)).toMatchObject({ replacement: null });
  });
});

describe('what the installation puts into the pods', () => {
  it('is another for every setting that is in a template, whichever camera it is', () => {
    const changes: Partial<OperatorSettings>[] = [
      { images: newImage.images },
      { images: { ...settings.images, mediaMtx: 'other' } },
      ...[{ imagePullPolicy: 'Always' as const }, { imagePullSecrets: ['login'] }, { kafkaBrokers: null }],
      ...[{ maxFps: 1 }, { addresses: { ...settings.addresses, hls: 'http://other' } }],
      ...[{ videoDeviceResource: 'a/{device}' }, { mediaClaim: 'footage' }, { logLevel: 'debug' as const }],
    ];
    const seen = [settings, ...changes.map((change) => ({ ...settings, ...change }))].map(installationOf);
    expect(new Set(seen).size).toBe(changes.length + 1);
    expect(installationOf(structuredClone(settings))).toBe(installationOf(settings));
  });
});

function withUid(camera: KubernetesObject, uid: string): KubernetesObject {
  return { ...camera, metadata: { ...camera.metadata, uid } };
}
