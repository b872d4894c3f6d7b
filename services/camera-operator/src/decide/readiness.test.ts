import { describe, expect, it } from '@jest/globals';
import type { CameraWorld } from '../world.ts';
import { decide } from './decide.ts';
import { cameraObject, podObject, reportOf, running, settings, worldOf } from './testing/camera-world.ts';

const url = 'rtsp://192.0.2.10/stream1';
const withLogin = { source: { url, credentialsSecretRef: { name: 'front-door-login' } } };
const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'front-door-login', uid: 's', resourceVersion: '1' },
};
const notReady = { ...running, conditions: [{ type: 'Ready', status: 'False' }] };

/** What a camera's status says, and the events, in a world. */
function say(world: Partial<CameraWorld>, change: Partial<typeof settings> = {}) {
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

describe('the readiness of a camera', () => {
  it('is that of its Secret, with the command that makes one; the pod is made meanwhile', () => {
    const seen = say({ camera: cameraObject(withLogin) });
    expect(seen).toMatchObject({ phase: 'Error', ready: 'False', reason: 'SecretMissing' });
    expect(seen.message).toContain('kubectl create secret generic front-door-login --namespace default');
    expect(seen.events).toEqual([{ type: 'Warning', reason: 'SecretMissing', message: seen.message }]);
    expect(seen.apply).toHaveLength(3);
    expect(say({ camera: cameraObject(withLogin), secret })).toMatchObject({ reason: 'PodPending' });
  });

  it('waits a few seconds for the Secret of a new camera: one of the two is made first', () => {
    const created = '2026-11-21T12:00:00Z';
    const camera = cameraObject(withLogin, { creationTimestamp: created });
    const young = decide(worldOf({ camera, nowMs: Date.parse(created) + 2000 }), settings);
    expect(young.status?.conditions?.find(({ type }) => type === 'Ready')?.reason).toBe('PodPending');
    expect(young.lookAgainInMs).toBe(3000);
    expect(say({ camera, nowMs: Date.parse(created) + 5000 })).toMatchObject({ reason: 'SecretMissing' });
  });

  it('is that of what the cluster refuses, in its words, unless the camera runs on', () => {
    const refusal = 'services "camera-front-door" is forbidden: exceeded quota';
    expect(say({ refusal })).toMatchObject({ phase: 'Error', ready: 'False', reason: 'WriteRefused' });
    expect(say({ refusal }).message).toContain(refusal);
    const pods = [podObject(running)];
    expect(say({ refusal, pods, report: reportOf('RUNNING') })).toMatchObject({ ready: 'True' });
  });

  it('is that of the device, which nobody can give: nothing is made', () => {
    const camera = cameraObject({ source: { url: 'v4l2:/dev/video3' } });
    const seen = say({ camera });
    expect(seen).toMatchObject({ ready: 'False', reason: 'DeviceUnavailable', apply: [] });
    expect(seen.message).toMatch(/\/dev\/video3 .* CAMPLANE_VIDEO_DEVICE_RESOURCE/);
    const given = say({ camera }, { videoDeviceResource: 'smarter-devices/{device}' });
    expect(given.reason).toBe('PodPending');
    expect(JSON.stringify(given.apply)).toContain('"smarter-devices/video3":"1"');
  });

  it('is that of the files, where there is no volume with files', () => {
    const camera = cameraObject({ source: { url: 'file:yard.mp4' } });
    expect(say({ camera })).toMatchObject({ ready: 'False', reason: 'MediaUnavailable', apply: [] });
    expect(JSON.stringify(say({ camera }, { mediaClaim: 'footage' }).apply)).toContain(
      '"claimName":"footage"',
    );
  });

  it('is that of a name which somebody else has', () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'camera-front-door', uid: 'x' } };
    const seen = say({ service });
    expect(seen).toMatchObject({ ready: 'False', reason: 'NameTaken', apply: [] });
    expect(seen.message).toMatch(/^The Service camera-front-door was not made for this camera/);
  });

  it('names the name where it is too long for a cluster', () => {
    const camera = cameraObject();
    const long = { ...camera, metadata: { ...camera.metadata, name: 'a'.repeat(57) } };
    const seen = say({ camera: long });
    expect(seen).toMatchObject({ reason: 'InvalidSpec', apply: [] });
    expect(seen.message).toMatch(/^metadata\.name must be at most 56 characters/);
  });

  it('takes no offence at fields of a newer version', () => {
    const camera = cameraObject();
    const newer = { ...camera, spec: { ...(camera.spec as object), colour: { depth: 10 } } };
    expect(say({ camera: newer })).toMatchObject({ reason: 'PodPending' });
    expect(say({ camera: newer }).apply).toHaveLength(3);
  });

  it('is that of its owner, who stopped it: first it stops, then it is stopped', () => {
    const camera = cameraObject({ source: { url }, enabled: false });
    const stopping = say({ camera, pods: [podObject(running)], report: reportOf('RUNNING') });
    expect(stopping).toMatchObject({ phase: 'Stopping', ready: 'False', reason: 'Disabled', events: [] });
    expect(say({ camera })).toMatchObject({ phase: 'Stopped', reason: 'Disabled', events: [] });
    expect(stopping.apply[2]?.object).toMatchObject({ spec: { replicas: 0 } });
  });

  it('is what the camera says, and what its pod says where that is more', () => {
    const report = reportOf('ERROR');
    expect(say({ pods: [podObject(notReady)], report })).toMatchObject({
      ...{ phase: 'Error', ready: 'False', reason: 'ConnectionRefused' },
    });
    const initContainerStatuses = [
      { name: 'mediamtx', state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
    ];
    expect(say({ pods: [podObject({ ...notReady, initContainerStatuses })], report })).toMatchObject({
      reason: 'OutOfMemory',
    });
  });

  it('is not what another pod said, nor one whose container has ended', () => {
    const report = { ...reportOf('RUNNING'), podUid: 'the one before' };
    expect(say({ pods: [podObject(notReady)], report })).toMatchObject({
      ready: 'Unknown',
      reason: 'NoReport',
    });
    const ended = {
      ...notReady,
      containerStatuses: [{ name: 'camera-service', state: { terminated: { exitCode: 1 } } }],
    };
    expect(say({ pods: [podObject(ended)], report: reportOf('RUNNING') })).toMatchObject({
      reason: 'ContainerEnded',
    });
  });

  it('stays as it was while the kubelet finds the pod ready and only the operator hears nothing', () => {
    const world = { pods: [podObject(running)], report: reportOf('RUNNING') };
    const { status } = decide(worldOf(world), settings);
    const camera = cameraObject(undefined, { status });
    expect(decide(worldOf({ ...world, camera, report: null }), settings).status).toBeNull();
    expect(say({ pods: [podObject(running)] })).toMatchObject({ ready: 'True', reason: 'PodReady' });
  });

  it('is a matter of time while the pod starts, up to two minutes', () => {
    const pods = [podObject({ phase: 'Pending' })];
    const startedMs = Date.parse('2026-11-21T11:59:00Z');
    const early = decide(worldOf({ pods, nowMs: startedMs + 30_000 }), settings);
    expect(early.lookAgainInMs).toBe(90_000);
    expect(say({ pods, nowMs: startedMs + 30_000 })).toMatchObject({
      phase: 'Starting',
      reason: 'PodStarting',
      events: [],
    });
    expect(say({ pods, nowMs: startedMs + 120_000 })).toMatchObject({ phase: 'Error', reason: 'PodStuck' });
  });

  it('keeps what was said of an image while the kubelet only waits', () => {
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
    say({ camera, pods: [podObject(running)], report }).events.map(({ type, reason }) => [type, reason]);

  it('tell of a camera that becomes ready, and of one that fails', () => {
    expect(then(before('ERROR'), reportOf('RUNNING'))).toEqual([['Normal', 'Ready']]);
    expect(then(before('RUNNING'), reportOf('ERROR'))).toEqual([['Warning', 'ConnectionRefused']]);
  });

  it('tell nothing of viewers who come and go, or of a failure that lasts', () => {
    expect(then(before('IDLE'), reportOf('RUNNING'))).toEqual([]);
    expect(then(before('ERROR'), reportOf('STARTING'))).toEqual([]);
  });
});
