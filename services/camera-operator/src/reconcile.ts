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

/** Reconciles one camera: gather, decide, apply. Never rejects; the queue retries failures. */
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
      await reportRejection(world, error, signal);
      throw error;
    }
    const isDeleted = world.camera === null && world.pods.length === 0 && !hasWorkload(world);
    return { kind: 'done', requeueAfterMs: plan.requeueAfterMs, forget: isDeleted };
  }

  /** Shows a persistent rejection (a quota, a webhook, no free address) in the camera's status. */
  async function reportRejection(world: CameraWorld, error: unknown, signal: AbortSignal): Promise<void> {
    if (!(error instanceof KubernetesError) || error.status === null) return;
    if (error.kind === 'conflict' || error.kind === 'unauthorized') return;
    const { status, events } = decide({ ...world, rejection: error.message });
    const noWrites = { apply: [], annotatePods: [], remove: [], replacement: null, requeueAfterMs: null };
    const statusOnly = { ...noWrites, status, events };
    await apply(world, statusOnly, signal).catch(() => {
      // The original error is logged and retried.
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
      if (!signal.aborted) logFailure(camera, error, isConflict);
      return {
        kind: 'failed',
        retryAfterMs: error instanceof KubernetesError ? (error.retryAfterMs ?? 0) : 0,
      };
    }
  };

  function logFailure(camera: string, error: unknown, isConflict: boolean): void {
    if (!(error instanceof KubernetesError)) {
      log.error({ camera, err: error }, 'reconcile failed, will retry');
    } else if (isConflict) {
      log.debug({ camera, reason: error.message }, 'write conflict, will retry');
    } else {
      // A thousand cameras may fail for the same reason.
      for (const reason of limit(error.message)) {
        log.warn({ camera, kind: error.kind, reason }, 'write failed, will retry');
      }
    }
  }
}
