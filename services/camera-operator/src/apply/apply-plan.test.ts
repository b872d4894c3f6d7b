import { describe, expect, it } from '@jest/globals';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { decide } from '../decide/decide.ts';
import { settings, worldOf } from '../decide/testing/camera-world.ts';
import { createApplyPlan } from './apply-plan.ts';

const rejection = new KubernetesError('forbidden', 'exceeded quota', { status: 403 });

/** Writes the workload of a new camera to a server that rejects some writes. */
async function applyWithRejected(isRejected: (kind: string, isStatus: boolean) => boolean) {
  const failed: unknown[][] = [];
  const written: string[] = [];
  const applyPlan = createApplyPlan({
    api: {
      async apply(_type, object, { subresource }) {
        if (isRejected(object.kind, subresource === 'status')) throw rejection;
        written.push(object.kind);
        return object;
      },
      mergePatch: () => Promise.reject(new Error('unexpected patch')),
      remove: () => Promise.reject(new Error('unexpected removal')),
    } as Parameters<typeof createApplyPlan>[0]['api'],
    events: { record: () => Promise.resolve() },
    mayWrite: () => true,
    onWriteFailed: (camera, error) => failed.push([camera, error]),
  });
  const world = worldOf();
  const ended = applyPlan(world, decide(world, settings), new AbortController().signal);
  const error: unknown = await ended.catch((reason: unknown) => reason);
  return { failed, written, error };
}

describe('applying a plan', () => {
  it('stops at the first rejected object and reports it', async () => {
    const { failed, written, error } = await applyWithRejected((kind) => kind === 'Service');
    expect([written, error]).toEqual([['ConfigMap'], rejection]);
    expect(failed).toEqual([['front-door', rejection]]);
  });

  it('does not report a rejected status as a failed object', async () => {
    const { failed, written, error } = await applyWithRejected((_kind, isStatus) => isStatus);
    expect([written, error, failed]).toEqual([['ConfigMap', 'Service', 'Deployment'], rejection, []]);
  });
});
