import { describe, expect, it } from '@jest/globals';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { createLogger } from '@camplane/service-kit/logging';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { decide } from './decide/decide.ts';
import { settings, worldOf } from './decide/testing/camera-world.ts';
import type { CameraPlan } from './plan.ts';
import { createReconcile } from './reconcile.ts';

/** Reconciles a camera while the API rejects its workload with `error`; returns the plans it tried to apply. */
async function reconcileOnce(error: KubernetesError) {
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
  it('shows a rejection in the status and retries', async () => {
    const { plans, outcome } = await reconcileOnce(
      new KubernetesError('forbidden', 'exceeded quota', { status: 403 }),
    );
    expect(outcome).toMatchObject({ kind: 'failed' });
    expect(plans).toHaveLength(2);
    expect(plans[1]?.apply).toEqual([]);
    expect(plans[1]?.status?.conditions?.[0]).toMatchObject({ type: 'Ready', reason: 'WriteRefused' });
  });

  it('does not show an unreachable API server in the status', async () => {
    const { plans, outcome } = await reconcileOnce(new KubernetesError('unavailable', 'no answer'));
    expect(outcome).toMatchObject({ kind: 'failed' });
    expect(plans).toHaveLength(1);
  });
});
