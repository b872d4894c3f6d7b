import { describe, expect, it } from '@jest/globals';
import type { ContainerStatus, Pod } from './pod.ts';
import { sortPods } from './pod.ts';
import { podTrouble } from './pod-trouble.ts';
import { cameraId, podObject, running } from './testing/camera-world.ts';

/** Statuses as the kubelet, scheduler and controller manager of 1.34 write them. */
const trouble = (pods: Pod[], deployment: object | null = null) =>
  podTrouble(
    sortPods(pods, cameraId),
    deployment === null
      ? null
      : { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, ...deployment },
  );
const containerTrouble = (
  status: Partial<ContainerStatus>,
  list: 'containerStatuses' | 'initContainerStatuses' = 'containerStatuses',
) =>
  trouble([
    podObject({ phase: 'Pending', [list]: [{ name: 'camera-service', image: 'camplane/x:1', ...status }] }),
  ]);
const waiting = (reason: string, message = '') => ({ state: { waiting: { reason, message } } });

describe('podTrouble', () => {
  it('returns null for a pod that runs, starts or terminates', () => {
    expect(trouble([podObject(running)])).toBeNull();
    expect(trouble([])).toBeNull();
    expect(containerTrouble(waiting('ContainerCreating'))).toBeNull();
    expect(containerTrouble(waiting('PodInitializing'))).toBeNull();
    expect(trouble([podObject(running, { deletionTimestamp: '2026-11-21T12:00:00Z' })])).toBeNull();
  });

  it.each<[what: string, status: Partial<ContainerStatus>, reason: string, message: RegExp]>([
    [
      'a missing image',
      waiting('ErrImagePull', 'failed to pull and unpack image "camplane/x:1": not found'),
      'ImagePullFailed',
      /^The image camplane\/x:1 of the container camera-service cannot be pulled: failed .* not found\. Check/,
    ],
    [
      'image pull back-off',
      waiting('ImagePullBackOff', 'Back-off pulling image "camplane/x:1": ErrImagePull: not found'),
      'ImagePullFailed',
      /cannot be pulled: ErrImagePull: not found\. Check/,
    ],
    ['an invalid image name', waiting('InvalidImageName'), 'ImagePullFailed', /cannot be pulled\. Check/],
    [
      'a missing configuration',
      waiting('CreateContainerConfigError', 'configmap "camera-front-door" not found'),
      'ContainerCannotBeCreated',
      /cannot be created: configmap "camera-front-door" not found\.$/,
    ],
    [
      'an exceeded memory limit, during back-off',
      { ...waiting('CrashLoopBackOff'), lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
      'OutOfMemory',
      /exceeded its memory limit and was killed/,
    ],
    [
      'an exceeded memory limit',
      { state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
      'OutOfMemory',
      /exceeded its memory limit/,
    ],
    [
      'a crash loop',
      { ...waiting('CrashLoopBackOff'), lastState: { terminated: { exitCode: 1, reason: 'Error' } } },
      'CrashLoop',
      /keeps exiting with exit code 1 .*kubectl logs camera-front-door-abc -c camera-service --previous$/,
    ],
    [
      'an exited program',
      { state: { terminated: { exitCode: 3, reason: 'Error' } } },
      'ContainerEnded',
      /exited with exit code 3 /,
    ],
  ])('describes %s in either container', (_what, status, reason, message) => {
    for (const list of ['containerStatuses', 'initContainerStatuses'] as const) {
      expect(containerTrouble(status, list)).toMatchObject({
        reason,
        message: expect.stringMatching(message),
      });
    }
  });

  it('describes why the pod is unschedulable', () => {
    const message = '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available.';
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
    expect(trouble([podObject({ phase: 'Pending', conditions })])).toEqual({
      reason: 'Unschedulable',
      message: `No node can run the camera's pod: ${message} Check spec.placement and the free resources of the nodes.`,
    });
  });

  it('describes why pod creation is rejected', () => {
    const rejected = (message: string) =>
      trouble([], {
        status: { conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }] },
      });
    expect(rejected('pods "camera-x" is forbidden: exceeded quota: small, requested: cpu=1')).toMatchObject({
      reason: 'QuotaExceeded',
      message: expect.stringContaining('Raise the ResourceQuota'),
    });
    expect(rejected('pods "camera-x" is forbidden: violates PodSecurity "restricted:latest"')).toMatchObject({
      reason: 'PodRefused',
    });
  });

  it('reports Unknown if the node is lost', () => {
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
    // Its replacement counts.
    expect(trouble([lost, podObject(running, { uid: 'next' })])).toBeNull();
  });

  it('describes an evicted pod until it is replaced', () => {
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

  it('respects the maximum length of a condition message', () => {
    const message = containerTrouble(waiting('ErrImagePull', 'x'.repeat(5000)))?.message ?? '';
    expect(message.length).toBeLessThan(1024);
  });
});
