import { describe, expect, it } from '@jest/globals';
import { cameraLabel } from '@camplane/contracts/camera-workload';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { createPodIndex } from './pod-index.ts';

function createTestIndex() {
  const pods = new Map<string, KubernetesObject>();
  let notify = (_name: string) => {};
  const changed: string[] = [];
  const index = createPodIndex(
    {
      get: (name) => pods.get(name),
      list: () => [...pods.values()],
      subscribe: (listener) => ((notify = listener), () => undefined),
    },
    (camera) => changed.push(camera),
  );
  return {
    index,
    changed,
    put(name: string, camera: string) {
      pods.set(name, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, labels: { [cameraLabel]: camera } },
      });
      notify(name);
    },
    remove(name: string) {
      pods.delete(name);
      notify(name);
    },
  };
}

describe('createPodIndex', () => {
  it('finds the pods of a camera and reports deletions', () => {
    const { index, changed, put, remove } = createTestIndex();
    put('a-1', 'a');
    put('a-2', 'a');
    put('b-1', 'b');
    expect(index.podsOf('a').map(({ metadata }) => metadata.name)).toEqual(['a-1', 'a-2']);
    remove('b-1');
    expect([changed, index.podsOf('b'), [...index.cameras()]]).toEqual([['a', 'a', 'b', 'b'], [], ['a']]);
  });

  it('reports both cameras when a pod moves between them', () => {
    const { index, changed, put } = createTestIndex();
    put('p', 'a');
    put('p', 'b');
    expect([changed, index.podsOf('a'), index.podsOf('b')]).toEqual([
      ['a', 'a', 'b'],
      [],
      [expect.objectContaining({ kind: 'Pod' })],
    ]);
  });
});
