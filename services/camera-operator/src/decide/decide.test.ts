import { describe, expect, it } from '@jest/globals';
import { cameraResourceSpecSchema } from '@camplane/contracts/camera-resource';
import { camerasFileSchema } from '@camplane/contracts/cameras-file';
import fc from 'fast-check';
import type { CameraPlan } from '../plan.ts';
import type { CameraWorld } from '../world.ts';
import { decide } from './decide.ts';
import type { Pod } from './pod.ts';
import { cameraObject, podObject, reportOf, running, settings, worldOf } from './testing/camera-world.ts';
import { applyToWorld } from './testing/apply-to-world.ts';

const isEmpty = ({ apply, annotatePods, remove, status, events }: CameraPlan) =>
  apply.length + annotatePods.length + remove.length + events.length === 0 && status === null;

/** The world after its plan is applied. */
function settled(world: CameraWorld): CameraWorld {
  return applyToWorld(world, decide(world, settings));
}

const conditionOf = (plan: CameraPlan, type: string) =>
  plan.status?.conditions?.find((condition) => condition.type === type);

describe('decide', () => {
  it('creates ConfigMap, Service and Deployment of a new camera, in this order', () => {
    const plan = decide(worldOf(), settings);
    expect(plan.apply.map(({ object }) => `${object.kind} ${object.metadata.name}`)).toEqual([
      'ConfigMap camera-front-door',
      'Service camera-front-door',
      'Deployment camera-front-door',
    ]);
    expect(plan.remove).toEqual([]);
  });

  it('writes a cameras file that camera-service can parse, without login and placement', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const { apply } = decide(worldOf({ camera: cameraObject(spec) }), {
          ...settings,
          ...{ mediaClaim: 'footage', videoDeviceResource: 'devices/{device}' },
        });
        const { data } = apply[0]?.object as unknown as { data: Record<string, string> };
        const [camera] = camerasFileSchema.parse(JSON.parse(data['cameras.json'] ?? '')).cameras;
        const { placement: _placement, source, ...rest } = cameraResourceSpecSchema.parse(spec);
        const { credentialsSecretRef: _login, ...read } = source;
        const kept = { id: 'front-door', generation: 1, startRequestedAt: null };
        expect(camera).toEqual({ ...rest, ...kept, source: read });
      }),
    );
  });

  it('writes every condition of a new camera with its observed generation', () => {
    const { status } = decide(worldOf({ camera: cameraObject(undefined, { generation: 4 }) }), settings);
    expect(status).toMatchObject({ phase: 'Starting', observedGeneration: 4 });
    expect(
      status?.conditions?.map(({ type, status, observedGeneration }) => [type, status, observedGeneration]),
    ).toEqual([
      ['Ready', 'False', 4],
      ['Connected', 'Unknown', 4],
      ['FramesFlowing', 'Unknown', 4],
      ['Readable', 'Unknown', 4],
      ['BrowserPlayable', 'Unknown', 4],
      ['FramesDelivered', 'Unknown', 4],
    ]);
  });

  it('writes nothing while only the last frame time changes', () => {
    const world = settled(worldOf({ pods: [podObject(running)], report: reportOf('RUNNING'), viewers: 2 }));
    const later = { ...world, nowMs: world.nowMs + 10_000 };
    expect(isEmpty(decide(later, settings))).toBe(true);
    const report = reportOf('RUNNING', {
      lastFrameTime: '2026-11-21T12:00:09.900Z',
      video: { codec: 'h264', width: 1280, height: 720, fps: 25.4 },
    });
    expect(isEmpty(decide({ ...later, report }, settings))).toBe(true);
    const changed = decide({ ...later, report, viewers: 3 }, settings);
    expect(changed.status).toMatchObject({
      viewers: 3,
      lastFrameTime: '2026-11-21T12:00:09.900Z',
      video: { fps: 25.4, size: '1280x720' },
    });
  });

  it('keeps the last known video while the pod restarts, until the spec changes', () => {
    const ready = settled(worldOf({ pods: [podObject(running)], report: reportOf('RUNNING') }));
    const video = { codec: 'h264', width: 1280, height: 720, size: '1280x720', fps: 24.98 };
    const starting = { ...ready, pods: [podObject({ phase: 'Pending' })], report: null };
    expect(decide(starting, settings).status).toMatchObject({ phase: 'Starting', video });
    const noRate = { ...video, size: undefined, fps: null };
    for (const seen of [null, noRate]) {
      const report = reportOf('RUNNING', { video: seen, restarts: 1 });
      expect(decide({ ...ready, report }, settings).status).toMatchObject({ phase: 'Running', video });
    }
    const other = { codec: 'h265', width: 640, height: 360, fps: null };
    const changed = decide({ ...ready, report: reportOf('RUNNING', { video: other }) }, settings);
    expect(changed.status?.video).toEqual({ codec: 'h265', width: 640, height: 360, size: '640x360' });
    const camera = cameraObject({ source: { url: 'rtsp://192.0.2.11/1' } }, { generation: 2 });
    const changedCamera = { ...ready.camera, ...camera };
    expect(decide({ ...starting, camera: changedCamera }, settings).status?.video).toBeUndefined();
  });

  it('takes readiness from the pod’s report', () => {
    const plan = decide(worldOf({ pods: [podObject(running)], report: reportOf('RUNNING') }), settings);
    expect(plan.status).toMatchObject({ phase: 'Running', node: 'node-a', restarts: 0 });
    expect(conditionOf(plan, 'Ready')).toMatchObject({ status: 'True', reason: 'FramesFlowing' });
    expect(plan.events).toEqual([{ type: 'Normal', reason: 'Ready', message: 'Video is live.' }]);
  });

  it('leaves the workload of an invalid spec unchanged and names the field', () => {
    const world = settled(worldOf({ pods: [podObject(running)], report: reportOf('RUNNING') }));
    const camera = { ...cameraObject(undefined, { generation: 2 }), spec: { source: { url: 'ftp://x' } } };
    const plan = decide({ ...world, camera }, settings);
    expect([plan.apply, plan.remove, plan.annotatePods]).toEqual([[], [], []]);
    expect(conditionOf(plan, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'InvalidSpec',
      observedGeneration: 2,
    });
    expect(conditionOf(plan, 'Ready')?.message).toMatch(/^spec\.source\.url scheme 'ftp' is not allowed/);
  });

  it('removes the workload of a deleted camera, and no foreign objects', () => {
    const world = settled(worldOf());
    const plan = decide({ ...world, camera: null }, settings);
    expect(plan.remove.map(({ type, name, uid }) => [type.kind, name, uid])).toEqual([
      ['ConfigMap', 'camera-front-door', 'ConfigMap-uid'],
      ['Service', 'camera-front-door', 'Service-uid'],
      ['Deployment', 'camera-front-door', 'Deployment-uid'],
    ]);
    const service = {
      ...worldOf().camera,
      kind: 'Service',
      apiVersion: 'v1',
      metadata: { name: 'camera-front-door' },
    };
    expect(isEmpty(decide({ ...worldOf({ camera: null }), service }, settings))).toBe(true);
  });

  it('passes a changed Secret to the running pod with an annotation', () => {
    const spec = { source: { url: 'rtsp://192.0.2.10/1', credentialsSecretRef: { name: 'login' } } };
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        ...{ name: 'login', uid: 's', resourceVersion: '1' },
        labels: { 'camplane.dev/camera-credentials': 'true' },
      },
    };
    const world = settled(
      worldOf({
        camera: cameraObject(spec),
        secret,
        pods: [podObject(running)],
        report: reportOf('RUNNING'),
      }),
    );
    expect(isEmpty(decide(world, settings))).toBe(true);
    const rotated = { ...secret, metadata: { ...secret.metadata, resourceVersion: '2' } };
    const plan = decide({ ...world, secret: rotated }, settings);
    expect(plan.apply).toEqual([]);
    expect(plan.annotatePods).toHaveLength(1);
    // Deleted, and perhaps created again soon.
    expect(decide({ ...world, secret: null }, settings).apply).toEqual([]);
    const notAllowed = { ...secret, metadata: { ...secret.metadata, labels: {} } };
    const withdrawn = decide({ ...world, secret: notAllowed }, settings);
    expect(withdrawn.apply.map(({ object }) => object.kind)).toEqual(['Deployment']);
    expect(JSON.stringify(withdrawn.apply)).not.toContain('credentials');
  });

  it('passes the passwords of edges and services to the pod', () => {
    const { apply } = decide(worldOf(), { ...settings, mediaSecret: 'camplane-media' });
    expect(JSON.stringify(apply[2])).toContain(
      '{"name":"MEDIAMTX_READ_PASSWORD","valueFrom":{"secretKeyRef":{"name":"camplane-media","key":"read-password"}}}',
    );
    for (const [name, key] of [
      ['CONTROL_API_PASSWORD', 'control-api-password'],
      ['CAMERA_OPERATOR_PASSWORD', 'operator-password'],
      ['CAMERA_SERVICE_SHARED_PASSWORD', 'service-password'],
      ['METRICS_TOKEN', 'metrics-token'],
    ]) {
      const secretKeyRef = { name: 'camplane-media', key, optional: true };
      expect(JSON.stringify(apply[2])).toContain(JSON.stringify({ name, valueFrom: { secretKeyRef } }));
    }
    expect(JSON.stringify(decide(worldOf(), settings).apply)).not.toMatch(/_PASSWORD|METRICS_/);
  });

  it('opens the metrics of the pod where the installation has them open', () => {
    const { apply } = decide(worldOf(), { ...settings, openMetrics: true });
    expect(JSON.stringify(apply[2])).toContain('{"name":"METRICS_ACCESS","value":"open"}');
  });

  it('passes TLS and the login at Kafka to the pod, whose password is a file of the mounted Secret', () => {
    const variables = {
      KAFKA_TLS: 'on',
      KAFKA_PASSWORD_FILE: '/etc/camplane/kafka/password',
      KAFKA_USERNAME: null,
    };
    const kafka = { secret: 'kafka-client', variables };
    const text = JSON.stringify(decide(worldOf(), { ...settings, kafka }).apply[2]);
    expect(text).toContain('{"name":"KAFKA_TLS","value":"on"}');
    expect(text).toContain('{"name":"KAFKA_PASSWORD_FILE","value":"/etc/camplane/kafka/password"}');
    expect(text).not.toContain('KAFKA_USERNAME');
    expect(text).toContain('"mountPath":"/etc/camplane/kafka"');
    expect(text).toContain('{"name":"kafka","secret":{"secretName":"kafka-client","defaultMode":288}}');
    expect(JSON.stringify(decide(worldOf(), settings).apply)).not.toContain('KAFKA_TLS');
  });

  it('passes a requested start to the pod and ignores an invalid time', () => {
    const world = settled(worldOf({ pods: [podObject(running)], report: reportOf('RUNNING') }));
    const withStartRequest = (time: string) => {
      const camera = structuredClone(world.camera);
      if (camera) camera.metadata.annotations = { 'camplane.dev/start-requested-at': time };
      return decide({ ...world, camera }, settings);
    };
    const plan = withStartRequest('2026-11-21T12:00:00.000Z');
    expect(plan.apply.map(({ object }) => object.kind)).toEqual(['ConfigMap']);
    expect(plan.annotatePods).toHaveLength(1);
    const { data } = plan.apply[0]?.object as unknown as { data: Record<string, string> };
    expect(data['cameras.json']).toContain('"startRequestedAt": "2026-11-21T12:00:00.000Z"');
    expect(isEmpty(withStartRequest('now'))).toBe(true);
  });

  it('has nothing left to write after its plan is applied, for any world', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const next = applyToWorld(world, decide(world, settings));
        // A blocking object, such as a Deployment with another selector, takes another round.
        const last = applyToWorld(next, decide(next, settings));
        const plan = decide(last, settings);
        expect({ ...plan, requeueAfterMs: null }).toEqual({
          ...{ apply: [], annotatePods: [], remove: [], events: [], status: null },
          ...{ replacement: null, requeueAfterMs: null },
        });
      }),
      { numRuns: 1000 },
    );
  });
});

const specs = fc.oneof(
  fc.constant({ source: { url: 'test:testsrc2' } }),
  fc.record({
    source: fc.record({
      url: fc.constantFrom('rtsp://192.0.2.10/1', 'v4l2:/dev/video0', 'file:yard.mp4'),
      subUrl: fc.constantFrom(null, 'rtsp://192.0.2.10/2'),
      credentialsSecretRef: fc.constantFrom(null, { name: 'login' }),
    }),
    enabled: fc.boolean(),
    video: fc.record({ mode: fc.constantFrom('copy', 'transcode', 'overlay') }),
    placement: fc.record({
      nodeSelector: fc.constantFrom({}, { zone: 'yard' }),
      tolerations: fc.constantFrom([], [{ operator: 'Exists' }]),
      extendedResources: fc.constantFrom({}, { 'nvidia.com/gpu': 1 }),
    }),
  }),
);

const waiting = (reason: string) => ({ waiting: { reason, message: 'reason' } });
const containerStates = fc.constantFrom<Pod['status']>(
  running,
  {},
  { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes' }] },
  { phase: 'Pending', containerStatuses: [{ name: 'camera-service', state: waiting('ImagePullBackOff') }] },
  { phase: 'Running', containerStatuses: [{ name: 'camera-service', state: waiting('CrashLoopBackOff') }] },
  { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
);
const pods = fc.array(
  fc
    .record({ status: containerStates, uid: fc.constantFrom('pod-uid', 'other'), isEnding: fc.boolean() })
    .map(({ status, uid, isEnding }) =>
      podObject(status, { uid, ...(isEnding ? { deletionTimestamp: '2026-11-21T11:59:59Z' } : {}) }),
    ),
  { maxLength: 3 },
);
const reports = fc.option(
  fc
    .constantFrom('RUNNING' as const, 'IDLE' as const, 'ERROR' as const, 'STARTING' as const)
    .map((phase) => reportOf(phase)),
  { nil: null },
);
const secretWithoutLabel = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'login', uid: 's', resourceVersion: '1' },
};
const secret = {
  ...secretWithoutLabel,
  metadata: { ...secretWithoutLabel.metadata, labels: { 'camplane.dev/camera-credentials': 'true' } },
};
const foreignDeployments = fc.option(
  fc
    .constantFrom(
      {},
      { 'app.kubernetes.io/managed-by': 'camera-operator', 'camplane.dev/camera': 'front-door' },
    )
    .map((labels) => ({
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', spec: { selector: { matchLabels: { app: 'else' } } } },
      metadata: { name: 'camera-front-door', uid: 'd', labels, ownerReferences: [] },
    })),
  { nil: null },
);

const worlds: fc.Arbitrary<CameraWorld> = fc
  .record({
    ...{ spec: specs, pods, report: reports, deployment: foreignDeployments },
    secret: fc.constantFrom(null, secret, secretWithoutLabel),
    viewers: fc.option(fc.nat(5), { nil: null }),
    state: fc.constantFrom('exists', 'deleted', 'terminating', 'invalid'),
    before: fc.boolean(),
  })
  .map(({ spec, state, before, ...rest }) => {
    const camera = cameraObject(
      spec,
      state === 'terminating' ? { deletionTimestamp: '2026-11-21T11:00:00Z' } : {},
    );
    const world = worldOf({
      ...rest,
      camera: state === 'deleted' ? null : state === 'invalid' ? { ...camera, ...{ spec: {} } } : camera,
    });
    // Some worlds have an earlier state.
    if (!before || world.camera === null) return world;
    return applyToWorld(world, decide({ ...world, pods: [], report: null }, settings));
  });
