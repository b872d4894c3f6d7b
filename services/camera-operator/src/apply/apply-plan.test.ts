import { describe, expect, it } from '@jest/globals';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { decide } from '../decide/decide.ts';
import { settings, worldOf } from '../decide/testing/camera-world.ts';
import { createApplyPlan } from './apply-plan.ts';

const refusal = new KubernetesError('forbidden', 'exceeded quota', { status: 403 });

/** Writes what a new camera needs to a server that refuses one kind of write; what was told of it comes back. */
async function writeWhere(isRefused: (kind: string, isStatus: boolean) => boolean) {
  const told: unknown[][] = [];
  const written: string[] = [];
  const applyPlan = createApplyPlan({
    api: {
      async apply(_type, object, { subresource }) {
        if (isRefused(object.kind, subresource === 'status')) throw refusal;
        written.push(object.kind);
        return object;
      },
      mergePatch: () => Promise.reject(new Error('there is no pod')),
      remove: () => Promise.reject(new Error('nothing is removed')),
    } as Parameters<typeof createApplyPlan>[0]['api'],
    events: { tell: () => Promise.resolve() },
    mayWrite: () => true,
    onPartFailed: (camera, error) => told.push([camera, error]),
  });
  const world = worldOf();
  const ended = applyPlan(world, decide(world, settings), new AbortController().signal);
  const error: unknown = await ended.catch((reason: unknown) => reason);
  return { told, written, error };
}

describe('the writes of a plan', () => {
  it('stop at a part of the workload that is refused, which is told', async () => {
    const { told, written, error } = await writeWhere((kind) => kind === 'Service');
    expect([written, error]).toEqual([['ConfigMap'], refusal]);
    expect(told).toEqual([['front-door', refusal]]);
  });

  it('tell nothing of a status that is refused: the workload is there', async () => {
    const { told, written, error } = await writeWhere((_kind, isStatus) => isStatus);
    expect([written, error, told]).toEqual([['ConfigMap', 'Service', 'Deployment'], refusal, []]);
  });
});
