import { describe, expect, it } from '@jest/globals';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { createLogger } from '@camplane/service-kit/logging';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { decide } from './decide/decide.ts';
import { settings, worldOf } from './decide/testing/camera-world.ts';
import type { CameraPlan } from './plan.ts';
import { createReconcile } from './reconcile.ts';

/** Looks once at a camera whose parts are refused with `error`; what was to be written comes back, a plan a write. */
async function lookAt(error: KubernetesError) {
  const plans: CameraPlan[] = [];
  const reconcile = createReconcile({
    gather: () => Promise.resolve(worldOf()),
    decide: (world) => decide(world, settings),
    apply: (_world, plan) => {
      plans.push(plan);
      return plan.apply.length > 0 ? Promise.reject(error) : Promise.resolve();
    },
    metrics: { reconciled: () => undefined },
    log: createLogger({ service: 'test', level: 'silent', format: 'json' }),
    clock: createSimulatedClock(),
  });
  const outcome = await reconcile('front-door', new AbortController().signal);
  return { plans, outcome };
}

describe('reconcile', () => {
  it('shows on the camera what the cluster refuses, and tries again', async () => {
    const { plans, outcome } = await lookAt(
      new KubernetesError('forbidden', 'exceeded quota', { status: 403 }),
    );
    expect(outcome).toMatchObject({ kind: 'failed' });
    expect(plans).toHaveLength(2);
    expect(plans[1]?.apply).toEqual([]);
    expect(plans[1]?.status?.conditions?.[0]).toMatchObject({ type: 'Ready', reason: 'WriteRefused' });
  });

  it('shows nothing of a server that does not answer', async () => {
    const { plans, outcome } = await lookAt(new KubernetesError('unavailable', 'no answer'));
    expect(outcome).toMatchObject({ kind: 'failed' });
    expect(plans).toHaveLength(1);
  });
});
