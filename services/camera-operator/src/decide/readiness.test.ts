import { describe, expect, it } from '@jest/globals';
import type { CameraWorld } from '../world.ts';
import { decide } from './decide.ts';
import { cameraObject, podObject, reportOf, running, settings, worldOf } from './testing/camera-world.ts';

const url = 'rtsp://192.0.2.10/stream1';
const withLogin = { source: { url, credentialsSecretRef: { name: 'front-door-login' } } };
const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    ...{ name: 'front-door-login', uid: 's', resourceVersion: '1' },
    labels: { 'camplane.dev/camera-credentials': 'true' },
  },
};
const withoutLabel = { ...secret, metadata: { ...secret.metadata, labels: {} } };
const notReady = { ...running, conditions: [{ type: 'Ready', status: 'False' }] };

/** The Ready condition, events and writes in a world. */
function readinessIn(world: Partial<CameraWorld>, change: Partial<typeof settings> = {}) {
  const { status, events, apply } = decide(worldOf(world), { ...settings, ...change });
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    phase: status?.phase,
    ready: ready?.status,
    reason: ready?.reason,
    message: ready?.message,
    events,
    apply,
  };
}

describe('readiness', () => {
  it('reports a missing Secret with the command to create it, and creates the pod meanwhile', () => {
    const readiness = readinessIn({ camera: cameraObject(withLogin) });
    expect(readiness).toMatchObject({ phase: 'Error', ready: 'False', reason: 'SecretMissing' });
    expect(readiness.message).toContain('kubectl create secret generic front-door-login --namespace default');
    expect(readiness.events).toEqual([
      { type: 'Warning', reason: 'SecretMissing', message: readiness.message },
    ]);
    expect(readiness.apply).toHaveLength(3);
    expect(readinessIn({ camera: cameraObject(withLogin), secret })).toMatchObject({ reason: 'PodPending' });
  });

  it('reports a Secret without the label with the command to allow it, and does not mount it', () => {
    const camera = cameraObject(withLogin);
    const refused = readinessIn({ camera, secret: withoutLabel });
    expect(refused).toMatchObject({ phase: 'Error', ready: 'False', reason: 'SecretNotAllowed' });
    expect(refused.message).toContain(
      'kubectl label secret front-door-login --namespace default camplane.dev/camera-credentials=true',
    );
    expect(refused.apply).toHaveLength(3);
    expect(JSON.stringify(refused.apply)).not.toContain('front-door-login');
    expect(JSON.stringify(readinessIn({ camera, secret }).apply)).toContain('front-door-login');
  });

  it('lets a camera use its own Secret without the label, and no other camera with it', () => {
    const camera = cameraObject(withLogin);
    const ownedBy = (uid: string) => ({
      ...secret,
      metadata: {
        ...secret.metadata,
        ownerReferences: [{ apiVersion: 'camplane.dev/v1alpha1', kind: 'Camera', name: 'yard', uid }],
      },
    });
    const own = ownedBy('camera-uid');
    expect(
      readinessIn({ camera, secret: { ...own, metadata: { ...own.metadata, labels: {} } } }),
    ).toMatchObject({ reason: 'PodPending' });
    const foreign = readinessIn({ camera, secret: ownedBy('yard-uid') });
    expect(foreign).toMatchObject({ reason: 'SecretNotAllowed' });
    expect(foreign.message).toMatch(/belongs to the camera yard/);
    expect(JSON.stringify(foreign.apply)).not.toContain('front-door-login');
  });

  it('reports the phase of a camera that runs without its Secret', () => {
    const world = {
      camera: cameraObject(withLogin),
      pods: [podObject(running)],
      report: reportOf('RUNNING'),
    };
    expect(readinessIn({ ...world, secret: withoutLabel })).toMatchObject({
      ...{ phase: 'Running', ready: 'False', reason: 'SecretNotAllowed' },
    });
  });

  it('waits a few seconds for the Secret of a new camera', () => {
    const created = '2026-11-21T12:00:00Z';
    const camera = cameraObject(withLogin, { creationTimestamp: created });
    const young = decide(worldOf({ camera, nowMs: Date.parse(created) + 2000 }), settings);
    expect(young.status?.conditions?.find(({ type }) => type === 'Ready')?.reason).toBe('PodPending');
    expect(young.requeueAfterMs).toBe(3000);
    expect(young.apply.map(({ object }) => object.kind)).toEqual(['ConfigMap', 'Service']);
    expect(readinessIn({ camera, nowMs: Date.parse(created) + 5000 })).toMatchObject({
      reason: 'SecretMissing',
    });
  });

  it('reports a rejected write unless the camera is running', () => {
    const rejection = 'services "camera-front-door" is forbidden: exceeded quota';
    expect(readinessIn({ rejection })).toMatchObject({
      phase: 'Error',
      ready: 'False',
      reason: 'WriteRefused',
    });
    expect(readinessIn({ rejection }).message).toContain(rejection);
    const pods = [podObject(running)];
    expect(readinessIn({ rejection, pods, report: reportOf('RUNNING') })).toMatchObject({ ready: 'True' });
  });

  it('reports a missing device plugin and creates nothing', () => {
    const camera = cameraObject({ source: { url: 'v4l2:/dev/video3' } });
    const readiness = readinessIn({ camera });
    expect(readiness).toMatchObject({ ready: 'False', reason: 'DeviceUnavailable', apply: [] });
    expect(readiness.message).toMatch(/\/dev\/video3 .* CAMPLANE_VIDEO_DEVICE_RESOURCE/);
    const available = readinessIn({ camera }, { videoDeviceResource: 'smarter-devices/{device}' });
    expect(available.reason).toBe('PodPending');
    expect(JSON.stringify(available.apply)).toContain('"smarter-devices/video3":"1"');
  });

  it('reports a missing volume for files', () => {
    const camera = cameraObject({ source: { url: 'file:yard.mp4' } });
    expect(readinessIn({ camera })).toMatchObject({ ready: 'False', reason: 'MediaUnavailable', apply: [] });
    expect(JSON.stringify(readinessIn({ camera }, { mediaClaim: 'footage' }).apply)).toContain(
      '"claimName":"footage"',
    );
  });

  it('reports a name conflict with a foreign object', () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'camera-front-door', uid: 'x' } };
    const readiness = readinessIn({ service });
    expect(readiness).toMatchObject({ ready: 'False', reason: 'NameTaken', apply: [] });
    expect(readiness.message).toMatch(/^The Service camera-front-door does not belong to this camera/);
  });

  it('reports a name that is too long for a cluster', () => {
    const camera = cameraObject();
    const long = { ...camera, metadata: { ...camera.metadata, name: 'a'.repeat(57) } };
    const readiness = readinessIn({ camera: long });
    expect(readiness).toMatchObject({ reason: 'InvalidSpec', apply: [] });
    expect(readiness.message).toMatch(/^metadata\.name must be at most 56 characters/);
  });

  it('ignores unknown fields of a newer version', () => {
    const camera = cameraObject();
    const newer = { ...camera, spec: { ...(camera.spec as object), colour: { depth: 10 } } };
    expect(readinessIn({ camera: newer })).toMatchObject({ reason: 'PodPending' });
    expect(readinessIn({ camera: newer }).apply).toHaveLength(3);
  });

  it('reports a disabled camera as stopping, then as stopped', () => {
    const camera = cameraObject({ source: { url }, enabled: false });
    const stopping = readinessIn({ camera, pods: [podObject(running)], report: reportOf('RUNNING') });
    expect(stopping).toMatchObject({ phase: 'Stopping', ready: 'False', reason: 'Disabled', events: [] });
    expect(readinessIn({ camera })).toMatchObject({ phase: 'Stopped', reason: 'Disabled', events: [] });
    expect(stopping.apply[2]?.object).toMatchObject({ spec: { replicas: 0 } });
  });

  it('takes the report, unless the pod status explains more', () => {
    const report = reportOf('ERROR');
    expect(readinessIn({ pods: [podObject(notReady)], report })).toMatchObject({
      ...{ phase: 'Error', ready: 'False', reason: 'ConnectionRefused' },
    });
    const initContainerStatuses = [
      { name: 'mediamtx', state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
    ];
    expect(readinessIn({ pods: [podObject({ ...notReady, initContainerStatuses })], report })).toMatchObject({
      reason: 'OutOfMemory',
    });
  });

  it('ignores reports of another pod or of an exited container', () => {
    const report = { ...reportOf('RUNNING'), podUid: 'old-pod-uid' };
    expect(readinessIn({ pods: [podObject(notReady)], report })).toMatchObject({
      ready: 'Unknown',
      reason: 'NoReport',
    });
    const exited = {
      ...notReady,
      containerStatuses: [{ name: 'camera-service', state: { terminated: { exitCode: 1 } } }],
    };
    expect(readinessIn({ pods: [podObject(exited)], report: reportOf('RUNNING') })).toMatchObject({
      reason: 'ContainerEnded',
    });
  });

  it('stays unchanged while the pod is ready but its report is pending', () => {
    const world = { pods: [podObject(running)], report: reportOf('RUNNING') };
    const { status } = decide(worldOf(world), settings);
    const camera = cameraObject(undefined, { status });
    expect(decide(worldOf({ ...world, camera, report: null }), settings).status).toBeNull();
    expect(readinessIn({ pods: [podObject(running)] })).toMatchObject({ ready: 'True', reason: 'PodReady' });
  });

  it('allows a pod two minutes to start', () => {
    const pods = [podObject({ phase: 'Pending' })];
    const startedMs = Date.parse('2026-11-21T11:59:00Z');
    const early = decide(worldOf({ pods, nowMs: startedMs + 30_000 }), settings);
    expect(early.requeueAfterMs).toBe(90_000);
    expect(readinessIn({ pods, nowMs: startedMs + 30_000 })).toMatchObject({
      phase: 'Starting',
      reason: 'PodStarting',
      events: [],
    });
    expect(readinessIn({ pods, nowMs: startedMs + 120_000 })).toMatchObject({
      phase: 'Error',
      reason: 'PodStuck',
    });
  });

  it('keeps the image pull error during back-off', () => {
    const pull = (reason: string, message: string) =>
      podObject({
        phase: 'Pending',
        containerStatuses: [{ name: 'camera-service', image: 'x', state: { waiting: { reason, message } } }],
      });
    const first = decide(worldOf({ pods: [pull('ErrImagePull', 'registry: 401 Unauthorized')] }), settings);
    const camera = cameraObject(undefined, { status: first.status });
    const pods = [pull('ImagePullBackOff', 'Back-off pulling image "x"')];
    expect(decide(worldOf({ camera, pods }), settings).status).toBeNull();
  });
});

describe('events', () => {
  const before = (phase: 'RUNNING' | 'ERROR' | 'IDLE') =>
    cameraObject(undefined, {
      status: decide(worldOf({ pods: [podObject(running)], report: reportOf(phase) }), settings).status,
    });
  const then = (camera: ReturnType<typeof before>, report: CameraWorld['report']) =>
    readinessIn({ camera, pods: [podObject(running)], report }).events.map(({ type, reason }) => [
      type,
      reason,
    ]);

  it('are recorded when a camera becomes ready or fails', () => {
    expect(then(before('ERROR'), reportOf('RUNNING'))).toEqual([['Normal', 'Ready']]);
    expect(then(before('RUNNING'), reportOf('ERROR'))).toEqual([['Warning', 'ConnectionRefused']]);
  });

  it('are not recorded for viewer changes or a lasting failure', () => {
    expect(then(before('IDLE'), reportOf('RUNNING'))).toEqual([]);
    expect(then(before('ERROR'), reportOf('STARTING'))).toEqual([]);
  });
});
