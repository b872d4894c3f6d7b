import { describe, expect, it } from '@jest/globals';
import { cameraLabel } from '@camplane/contracts/camera-workload';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { createPodIndex } from './pod-index.ts';

function followedPods() {
  const pods = new Map<string, KubernetesObject>();
  let tell = (_name: string) => {};
  const heard: string[] = [];
  const index = createPodIndex(
    {
      get: (name) => pods.get(name),
      list: () => [...pods.values()],
      subscribe: (listener) => ((tell = listener), () => undefined),
    },
    (camera) => heard.push(camera),
  );
  return {
    index,
    heard,
    put(name: string, camera: string) {
      pods.set(name, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, labels: { [cameraLabel]: camera } },
      });
      tell(name);
    },
    remove(name: string) {
      pods.delete(name);
      tell(name);
    },
  };
}

describe('createPodIndex', () => {
  it('finds the pods of a camera, and tells of one that went', () => {
    const { index, heard, put, remove } = followedPods();
    put('a-1', 'a');
    put('a-2', 'a');
    put('b-1', 'b');
    expect(index.podsOf('a').map(({ metadata }) => metadata.name)).toEqual(['a-1', 'a-2']);
    remove('b-1');
    expect([heard, index.podsOf('b'), [...index.cameras()]]).toEqual([['a', 'a', 'b', 'b'], [], ['a']]);
  });

  it('tells both cameras where a pod goes from one to the other', () => {
    const { index, heard, put } = followedPods();
    put('p', 'a');
    put('p', 'b');
    expect([heard, index.podsOf('a'), index.podsOf('b')]).toEqual([
      ['a', 'a', 'b'],
      [],
      [expect.objectContaining({ kind: 'Pod' })],
    ]);
  });
});
