import { describe, expect, it } from '@jest/globals';
import type { ContainerStatus, Pod } from './pod.ts';
import { sortPods } from './pod.ts';
import { podTrouble } from './pod-trouble.ts';
import { cameraId, podObject, running } from './testing/camera-world.ts';

/** Statuses as a kubelet, a scheduler and a controller manager of 1.34 write them. */
const trouble = (pods: Pod[], deployment: object | null = null) =>
  podTrouble(
    sortPods(pods, cameraId),
    deployment === null
      ? null
      : { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, ...deployment },
  );
const ofContainer = (
  status: Partial<ContainerStatus>,
  list: 'containerStatuses' | 'initContainerStatuses' = 'containerStatuses',
) =>
  trouble([
    podObject({ phase: 'Pending', [list]: [{ name: 'camera-service', image: 'camplane/x:1', ...status }] }),
  ]);
const waiting = (reason: string, message = '') => ({ state: { waiting: { reason, message } } });

describe('podTrouble', () => {
  it('has none with a pod that runs, that is starting, or that is being ended', () => {
    expect(trouble([podObject(running)])).toBeNull();
    expect(trouble([])).toBeNull();
    expect(ofContainer(waiting('ContainerCreating'))).toBeNull();
    expect(ofContainer(waiting('PodInitializing'))).toBeNull();
    expect(trouble([podObject(running, { deletionTimestamp: '2026-11-21T12:00:00Z' })])).toBeNull();
  });

  it.each<[what: string, status: Partial<ContainerStatus>, reason: string, says: RegExp]>([
    [
      'an image that is not there',
      waiting('ErrImagePull', 'failed to pull and unpack image "camplane/x:1": not found'),
      'ImagePullFailed',
      /^The image camplane\/x:1 of the container camera-service cannot be pulled: failed .* not found\. Check/,
    ],
    [
      'a wait between two pulls',
      waiting('ImagePullBackOff', 'Back-off pulling image "camplane/x:1": ErrImagePull: not found'),
      'ImagePullFailed',
      /cannot be pulled: ErrImagePull: not found\. Check/,
    ],
    ['a name that is none', waiting('InvalidImageName'), 'ImagePullFailed', /cannot be pulled\. Check/],
    [
      'a configuration that is missing',
      waiting('CreateContainerConfigError', 'configmap "camera-front-door" not found'),
      'ContainerCannotBeCreated',
      /cannot be created: configmap "camera-front-door" not found\.$/,
    ],
    [
      'too much memory, between two starts',
      { ...waiting('CrashLoopBackOff'), lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
      'OutOfMemory',
      /took more memory than its limit and was killed/,
    ],
    [
      'too much memory, just now',
      { state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
      'OutOfMemory',
      /took more memory/,
    ],
    [
      'a program that ends again and again',
      { ...waiting('CrashLoopBackOff'), lastState: { terminated: { exitCode: 1, reason: 'Error' } } },
      'CrashLoop',
      /again and again, last with exit code 1\. .*kubectl logs camera-front-door-abc -c camera-service --previous$/,
    ],
    [
      'a program that has ended',
      { state: { terminated: { exitCode: 3, reason: 'Error' } } },
      'ContainerEnded',
      /ended with exit code 3\./,
    ],
  ])('says what is wrong with %s, in either container', (_what, status, reason, says) => {
    for (const list of ['containerStatuses', 'initContainerStatuses'] as const) {
      expect(ofContainer(status, list)).toMatchObject({ reason, message: expect.stringMatching(says) });
    }
  });

  it('says why no node takes the pod', () => {
    const message = '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available.';
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
    expect(trouble([podObject({ phase: 'Pending', conditions })])).toEqual({
      reason: 'Unschedulable',
      message: `No node can take the camera's pod: ${message} See spec.placement and the nodes' room.`,
    });
  });

  it('says what keeps the pod from being made', () => {
    const refused = (message: string) =>
      trouble([], {
        status: { conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }] },
      });
    expect(refused('pods "camera-x" is forbidden: exceeded quota: small, requested: cpu=1')).toMatchObject({
      reason: 'QuotaExceeded',
      message: expect.stringContaining('Raise the ResourceQuota'),
    });
    expect(refused('pods "camera-x" is forbidden: violates PodSecurity "restricted:latest"')).toMatchObject({
      reason: 'PodRefused',
    });
  });

  it('does not know how a camera is whose node is lost', () => {
    const lost = podObject(
      {
        ...running,
        conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }],
      },
      { deletionTimestamp: '2026-11-21T11:00:00Z' },
    );
    expect(trouble([lost])).toMatchObject({
      reason: 'NodeLost',
      isUnknown: true,
      message: expect.stringContaining('kubectl get node node-a'),
    });
    // Its successor counts.
    expect(trouble([lost, podObject(running, { uid: 'next' })])).toBeNull();
  });

  it('tells of a pod that its node gave up, until there is another', () => {
    const evicted = podObject(
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
      { uid: 'old', creationTimestamp: '2026-11-21T11:00:00Z' },
    );
    expect(trouble([evicted])).toMatchObject({
      reason: 'PodEvicted',
      message: expect.stringContaining('The node was low on resource: memory.'),
    });
    expect(trouble([podObject(running), evicted])).toBeNull();
  });

  it('keeps to the length that a condition may have', () => {
    const message = ofContainer(waiting('ErrImagePull', 'x'.repeat(5000)))?.message ?? '';
    expect(message.length).toBeLessThan(1024);
  });
});
