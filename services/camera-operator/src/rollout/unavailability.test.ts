import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { rolloutAnnotations } from '../decide/installation.ts';
import { ownedMeta } from '../decide/ownership.ts';
import type { ContainerStatus, Pod } from '../decide/pod.ts';
import { cameraId, nowMs, podObject, running } from '../decide/testing/camera-world.ts';
import { countUnavailable } from './count-unavailable.ts';

/** Statuses as the controllers of Kubernetes 1.34 write them. */
const installation = 'v2';
const newPodStatus = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, unavailableReplicas: 1 };
const recovered = {
  conditions: [{ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }],
};
const complete = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, readyReplicas: 1 };

function deploymentWith(status: object, annotations: Record<string, string | undefined> = {}, replicas = 1) {
  const meta = ownedMeta({ id: cameraId, uid: 'camera-uid', namespace: 'default' });
  const defaults = {
    [rolloutAnnotations.installation]: installation,
    [rolloutAnnotations.staged]: 'pod-before',
  };
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas }, status },
    metadata: { ...meta, generation: 2, annotations: defined({ ...defaults, ...annotations }) },
  };
}

function defined(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value ? [[key, value]] : [])));
}

function countUnavailableOf(deployment: KubernetesObject, pods: Pod[] = [], reserved: string[] = []) {
  return countUnavailable({ installation, deployments: [deployment], podsOf: () => pods, reserved, nowMs });
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
const rejected = (message: string, seconds: number) => ({
  ...{ observedGeneration: 2 },
  conditions: [{ type: 'ReplicaFailure', status: 'True', message, lastTransitionTime: ago(seconds) }],
});
const quota = 'pods "x" is forbidden: exceeded quota: cameras';

describe('a camera whose pod a rollout has replaced', () => {
  it.each<[what: string, deployment: KubernetesObject, pods: Pod[]]>([
    ['the new pod is ready', deploymentWith(complete), [podObject(running)]],
    ['it was stopped meanwhile', deploymentWith({ observedGeneration: 2 }, {}, 0), []],
    ['its pod has run for a minute without video', deploymentWith(newPodStatus), [runsFor(61)]],
    ['a quota has rejected the pod for a minute', deploymentWith(rejected(quota, 61)), []],
    [
      'its node is lost',
      deploymentWith({ observedGeneration: 1, replicas: 1 }),
      [podObject({ ...running, reason: 'NodeLost' }, { deletionTimestamp: ago(30) })],
    ],
    [
      'it was replaced for another reason',
      deploymentWith(newPodStatus, { [rolloutAnnotations.staged]: undefined }),
      [runsFor(5)],
    ],
    [
      'it recovered after an earlier change and failed later',
      deploymentWith({ ...newPodStatus, ...recovered }, { [rolloutAnnotations.installation]: 'v1' }),
      [waiting('CrashLoopBackOff')],
    ],
  ])('is not counted if %s', (_what, deployment, pods) => {
    expect(countUnavailableOf(deployment, pods)).toEqual({ cameras: 1, unavailable: new Map() });
  });

  it.each<[what: string, status: object, pods: Pod[], reason: string | null]>([
    [
      'the controller has not observed the change yet',
      { ...complete, observedGeneration: 1 },
      [podObject(running)],
      null,
    ],
    ['the old pod is terminating', { observedGeneration: 2, replicas: 1 }, [podObject(running)], null],
    ['no pod exists', { observedGeneration: 2 }, [], null],
    ['the new pod is not in the cache yet', newPodStatus, [], null],
    ['an image is being pulled', newPodStatus, [waiting('ContainerCreating')], null],
    ['camera-service does not respond yet', newPodStatus, [runsFor(90, false)], 'PodStuck'],
    ['the camera is connecting', newPodStatus, [runsFor(59)], null],
    ['a quota rejects the pod for a moment', rejected(quota, 5), [], null],
    ['the image does not exist', newPodStatus, [waiting('ImagePullBackOff')], 'ImagePullFailed'],
    [
      'a container cannot be created',
      newPodStatus,
      [waiting('CreateContainerError')],
      'ContainerCannotBeCreated',
    ],
    ['it is in a crash loop', newPodStatus, [waiting('CrashLoopBackOff')], 'CrashLoop'],
    ['a policy rejects the pod', rejected('violates PodSecurity "restricted"', 600), [], 'PodRefused'],
    [
      'no node has enough resources',
      newPodStatus,
      [podObject({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False' }] })],
      'Unschedulable',
    ],
  ])('is counted if %s', (_what, status, pods, reason) => {
    const old = pods.map((pod) =>
      reason === 'PodStuck' ? { ...pod, status: { ...pod.status, startTime: ago(121) } } : pod,
    );
    const { trouble } = countUnavailableOf(deploymentWith(status), old).unavailable.get(cameraId) ?? {};
    expect(trouble === undefined ? 'not counted' : (trouble?.reason ?? null)).toBe(reason);
  });

  it('is counted while the cache still shows the old pod as ready', () => {
    const before = podObject(running, { uid: 'pod-before' });
    expect(countUnavailableOf(deploymentWith(newPodStatus), [before]).unavailable.size).toBe(1);
  });

  it('is counted for an earlier change if it has not recovered since', () => {
    const deployment = deploymentWith(newPodStatus, { [rolloutAnnotations.installation]: 'v1' });
    expect(countUnavailableOf(deployment, [waiting('ImagePullBackOff')]).unavailable.size).toBe(1);
  });

  it('is counted once from its reservation on', () => {
    const before = deploymentWith(complete, { [rolloutAnnotations.installation]: 'v1' });
    expect(countUnavailableOf(before, [], [cameraId]).unavailable.size).toBe(1);
    expect(countUnavailableOf(deploymentWith(newPodStatus), [runsFor(5)], [cameraId]).unavailable.size).toBe(
      1,
    );
  });

  it('is not counted if it belongs to another owner', () => {
    const { metadata, ...rest } = deploymentWith(newPodStatus);
    const foreign = { ...rest, metadata: { ...metadata, labels: {}, ownerReferences: [] } };
    expect(countUnavailableOf(foreign)).toEqual({ cameras: 0, unavailable: new Map() });
    expect(countUnavailableOf({ ...rest, metadata: { ...metadata, name: 'web' } })).toMatchObject({
      cameras: 0,
    });
  });
});
