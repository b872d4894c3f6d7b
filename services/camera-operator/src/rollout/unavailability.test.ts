import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { rolloutAnnotations } from '../decide/installation.ts';
import { ownedMeta } from '../decide/ownership.ts';
import type { ContainerStatus, Pod } from '../decide/pod.ts';
import { cameraId, nowMs, podObject, running } from '../decide/testing/camera-world.ts';
import { countAway } from './count-away.ts';

/** Statuses as the controllers of 1.34 write them. */
const installation = 'v2';
const withNewPod = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, unavailableReplicas: 1 };
const wasBack = {
  conditions: [{ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }],
};
const complete = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, readyReplicas: 1 };

function deploymentWith(status: object, annotations: Record<string, string | undefined> = {}, replicas = 1) {
  const meta = ownedMeta({ id: cameraId, uid: 'camera-uid', namespace: 'default' });
  const marks = {
    [rolloutAnnotations.installation]: installation,
    [rolloutAnnotations.staged]: 'pod-before',
  };
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas }, status },
    metadata: { ...meta, generation: 2, annotations: defined({ ...marks, ...annotations }) },
  };
}

function defined(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value ? [[key, value]] : [])));
}

function away(deployment: KubernetesObject, pods: Pod[] = [], reserved: string[] = []) {
  return countAway({ installation, deployments: [deployment], podsOf: () => pods, reserved, nowMs });
}

const ago = (seconds: number) => new Date(nowMs - seconds * 1000).toISOString();
const notReady = [{ type: 'Ready', status: 'False' }];
const service = (status: Partial<ContainerStatus>): Pod =>
  podObject({
    phase: 'Pending',
    conditions: notReady,
    containerStatuses: [{ name: 'camera-service', started: false, ...status }],
  });
const runsFor = (seconds: number, isStarted = true) =>
  service({ started: isStarted, state: { running: { startedAt: ago(seconds) } } });
const waiting = (reason: string) => service({ state: { waiting: { reason } } });
const refused = (message: string, seconds: number) => ({
  ...{ observedGeneration: 2 },
  conditions: [{ type: 'ReplicaFailure', status: 'True', message, lastTransitionTime: ago(seconds) }],
});
const quota = 'pods "x" is forbidden: exceeded quota: cameras';

describe('a camera whose pod the installation has replaced', () => {
  it.each<[what: string, deployment: KubernetesObject, pods: Pod[]]>([
    ['the pod of the new template is ready', deploymentWith(complete), [podObject(running)]],
    ['it was stopped meanwhile', deploymentWith({ observedGeneration: 2 }, {}, 0), []],
    ['its pod runs and its camera has given nothing for a minute', deploymentWith(withNewPod), [runsFor(61)]],
    ['a quota has refused the pod for a minute', deploymentWith(refused(quota, 61)), []],
    [
      'its node is lost',
      deploymentWith({ observedGeneration: 1, replicas: 1 }),
      [podObject({ ...running, reason: 'NodeLost' }, { deletionTimestamp: ago(30) })],
    ],
    [
      'it was replaced for another reason',
      deploymentWith(withNewPod, { [rolloutAnnotations.staged]: undefined }),
      [runsFor(5)],
    ],
    [
      'it was back after a change before the last, and fails since',
      deploymentWith({ ...withNewPod, ...wasBack }, { [rolloutAnnotations.installation]: 'v1' }),
      [waiting('CrashLoopBackOff')],
    ],
  ])('is not away for it where %s', (_what, deployment, pods) => {
    expect(away(deployment, pods)).toEqual({ cameras: 1, away: new Map() });
  });

  it.each<[what: string, status: object, pods: Pod[], reason: string | null]>([
    ['nobody has seen the change yet', { ...complete, observedGeneration: 1 }, [podObject(running)], null],
    ['the pod before is being ended', { observedGeneration: 2, replicas: 1 }, [podObject(running)], null],
    ['there is no pod', { observedGeneration: 2 }, [], null],
    ['the new pod is not seen yet', withNewPod, [], null],
    ['an image is being pulled', withNewPod, [waiting('ContainerCreating')], null],
    ['camera-service does not answer yet', withNewPod, [runsFor(90, false)], 'PodStuck'],
    ['the camera is being connected to', withNewPod, [runsFor(59)], null],
    ['a quota refuses the pod for a moment', refused(quota, 5), [], null],
    ['the image is not there', withNewPod, [waiting('ImagePullBackOff')], 'ImagePullFailed'],
    ['a container cannot be made', withNewPod, [waiting('CreateContainerError')], 'ContainerCannotBeCreated'],
    ['it crashes again and again', withNewPod, [waiting('CrashLoopBackOff')], 'CrashLoop'],
    ['a policy refuses the pod', refused('violates PodSecurity "restricted"', 600), [], 'PodRefused'],
    [
      'no node has room for what the new pod asks',
      withNewPod,
      [podObject({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False' }] })],
      'Unschedulable',
    ],
  ])('is away where %s', (_what, status, pods, reason) => {
    const old = pods.map((pod) =>
      reason === 'PodStuck' ? { ...pod, status: { ...pod.status, startTime: ago(121) } } : pod,
    );
    const { trouble } = away(deploymentWith(status), old).away.get(cameraId) ?? {};
    expect(trouble === undefined ? 'not away' : (trouble?.reason ?? null)).toBe(reason);
  });

  it('is away while the pod before is still shown to be ready, whoever is told first', () => {
    const before = podObject(running, { uid: 'pod-before' });
    expect(away(deploymentWith(withNewPod), [before]).away.size).toBe(1);
  });

  it('is away for a change before the last, where it was never back', () => {
    const deployment = deploymentWith(withNewPod, { [rolloutAnnotations.installation]: 'v1' });
    expect(away(deployment, [waiting('ImagePullBackOff')]).away.size).toBe(1);
  });

  it('is away from when its turn was given, and once', () => {
    const before = deploymentWith(complete, { [rolloutAnnotations.installation]: 'v1' });
    expect(away(before, [], [cameraId]).away.size).toBe(1);
    expect(away(deploymentWith(withNewPod), [runsFor(5)], [cameraId]).away.size).toBe(1);
  });

  it('is not what somebody else calls so', () => {
    const { metadata, ...rest } = deploymentWith(withNewPod);
    const stranger = { ...rest, metadata: { ...metadata, labels: {}, ownerReferences: [] } };
    expect(away(stranger)).toEqual({ cameras: 0, away: new Map() });
    expect(away({ ...rest, metadata: { ...metadata, name: 'web' } })).toMatchObject({ cameras: 0 });
  });
});
