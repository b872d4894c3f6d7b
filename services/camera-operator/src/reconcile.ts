import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import type { Logger } from '@camplane/service-kit/logging';
import type { Clock } from '@camplane/runtime/clock';
import { createLogLimiter } from '@camplane/runtime/log-limiter';
import type { ApplyPlan } from './apply/apply-plan.ts';
import type { Gather } from './gather/gather.ts';
import { hasWorkload } from './gather/gather.ts';
import type { OperatorMetrics } from './operator-metrics.ts';
import type { CameraPlan } from './plan.ts';
import type { WorkOutcome } from './work-queue/key-queue.ts';
import type { CameraWorld } from './world.ts';

export type Decide = (world: CameraWorld) => CameraPlan;

/** One look at a camera: read, decide, write. Never rejects; what failed is tried again by the queue. */
export function createReconcile(options: {
  gather: Gather;
  decide: Decide;
  apply: ApplyPlan;
  metrics: Pick<OperatorMetrics, 'reconciled'>;
  log: Logger;
  clock: Clock;
}): (camera: string, signal: AbortSignal) => Promise<WorkOutcome> {
  const { gather, decide, apply, metrics, log, clock } = options;
  const limit = createLogLimiter({ perMinute: 10, now: () => clock.now() });

  async function reconcileOnce(camera: string, signal: AbortSignal): Promise<WorkOutcome & { kind: 'done' }> {
    const world = await gather(camera, signal);
    const plan = decide(world);
    try {
      await apply(world, plan, signal);
    } catch (error) {
      await showRefusal(world, error, signal);
      throw error;
    }
    const isGone = world.camera === null && world.pods.length === 0 && !hasWorkload(world);
    return { kind: 'done', againInMs: plan.lookAgainInMs, forget: isGone };
  }

  /** What the cluster refuses again and again (a quota, a webhook, no address left) is shown on the camera too. */
  async function showRefusal(world: CameraWorld, error: unknown, signal: AbortSignal): Promise<void> {
    if (!(error instanceof KubernetesError) || error.status === null) return;
    if (error.kind === 'conflict' || error.kind === 'unauthorized') return;
    const { status, events } = decide({ ...world, refusal: error.message });
    const nothing = { apply: [], annotatePods: [], remove: [], replacement: null, lookAgainInMs: null };
    const shown = { ...nothing, status, events };
    await apply(world, shown, signal).catch(() => {
      // The refusal itself is what is told and tried again.
    });
  }

  return async (camera, signal) => {
    const startedMs = clock.now();
    const seconds = () => (clock.now() - startedMs) / 1000;
    try {
      const outcome = await reconcileOnce(camera, signal);
      metrics.reconciled('done', seconds());
      return outcome;
    } catch (error) {
      const isConflict = error instanceof KubernetesError && error.kind === 'conflict';
      metrics.reconciled(isConflict ? 'conflict' : 'failed', seconds());
      if (!signal.aborted) tell(camera, error, isConflict);
      return {
        kind: 'failed',
        retryAfterMs: error instanceof KubernetesError ? (error.retryAfterMs ?? 0) : 0,
      };
    }
  };

  function tell(camera: string, error: unknown, isConflict: boolean): void {
    if (!(error instanceof KubernetesError)) {
      log.error({ camera, err: error }, 'a camera cannot be looked at; it is tried again');
    } else if (isConflict) {
      log.debug({ camera, reason: error.message }, 'something changed meanwhile; it is looked at again');
    } else {
      // A thousand cameras may fail for one reason.
      for (const reason of limit(error.message)) {
        log.warn({ camera, kind: error.kind, reason }, 'a write failed; it is tried again');
      }
    }
  }
}
