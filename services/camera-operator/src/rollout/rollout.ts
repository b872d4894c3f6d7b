import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { ResourceCache } from '@camplane/kubernetes/resource-cache';
import { workloadName } from '@camplane/contracts/camera-workload';
import type { Logger } from '@camplane/service-kit/logging';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { pause } from '@camplane/runtime/pause';
import { hasInstallation, stagedPodOf } from '../decide/installation.ts';
import type { PodIndex } from '../gather/pod-index.ts';
import type { CameraPlan } from '../plan.ts';
import type { CameraWorld } from '../world.ts';
import { countUnavailable } from './count-unavailable.ts';
import { maxUnavailableOf } from './max-unavailable.ts';
import type { MaxUnavailable } from './max-unavailable.ts';
import { createReservations } from './reservations.ts';
import { createRolloutLog } from './rollout-log.ts';

export type Rollout = {
  /** Decides, and allows a waiting camera its replacement if the limit permits. */
  decide(world: CameraWorld): CameraPlan;
  /** A write of a camera's workload failed. */
  failed(camera: string, error: unknown): void;
  /** Cameras that wait for their replacement. */
  waiting(): number;
  /** Enqueues waiting cameras when the limit permits, until the signal. */
  run(signal: AbortSignal): Promise<void>;
};

const checkEveryMs = 1_000;
/** At the limit, a thousand cameras may ask, and each answer counts all cameras. */
const limitCachedMs = 250;

/**
 * Replaces the pods of all cameras a few at a time after a change of the installation. Unavailable cameras are counted
 * from the caches each time, so another operator can continue a rollout; only reservations are kept in memory.
 */
export function createRollout(options: {
  /** A hash of what the installation puts into the pods. */
  installation: string;
  maxUnavailable: MaxUnavailable;
  deployments: Pick<ResourceCache<KubernetesObject>, 'get' | 'list'>;
  pods: Pick<PodIndex, 'podsOf'>;
  decide: (world: CameraWorld) => CameraPlan;
  enqueue: (camera: string) => void;
  log: Pick<Logger, 'info' | 'warn'>;
  clock: Clock;
  wallClock: WallClock;
}): Rollout {
  const { installation, maxUnavailable, deployments, pods, decide, enqueue, clock, wallClock } = options;
  const reservations = createReservations(clock);
  const logProgress = createRolloutLog(options.log);
  /** In enqueue order. */
  const waiting = new Set<string>();
  let isIdle = true;
  let limitUntilMs = -Infinity;

  function count() {
    const { cameras, unavailable } = countUnavailable({
      ...{ installation, deployments: deployments.list(), podsOf: (camera) => pods.podsOf(camera) },
      ...{ reserved: reservations.pending(isVisible), nowMs: wallClock.epochMs() },
    });
    const max = maxUnavailableOf(maxUnavailable, cameras);
    return { unavailable, room: max - unavailable.size, maxUnavailable: max };
  }

  /** The caches show the replacement, or the camera was deleted. */
  function isVisible(camera: string): boolean {
    const deployment = deployments.get(workloadName(camera));
    return deployment === undefined || hasInstallation(deployment, installation);
  }

  /** Counts and reserves synchronously, so that no other camera is decided in between. */
  function tryReserve(camera: string): boolean {
    if (clock.now() < limitUntilMs) return false;
    const { unavailable, room } = count();
    // A camera that is unavailable already does not count twice.
    if (room <= 0 && !unavailable.has(camera)) {
      limitUntilMs = clock.now() + limitCachedMs;
      return false;
    }
    reservations.reserve(camera);
    return true;
  }

  function decideWithinLimit(world: CameraWorld): CameraPlan {
    const plan = decide({ ...world, mayReplace: reservations.has(world.name) });
    // After a rejection, only the status is decided again.
    if (plan.replacement !== 'waits' || world.rejection !== null || !tryReserve(world.name)) return plan;
    return decide({ ...world, mayReplace: true });
  }

  /**
   * Whether this writes the change to a camera that an earlier change made unavailable. The cache may lag: if the camera
   * has recovered meanwhile, this write makes it unavailable again.
   */
  function continuesRollout({ deployment }: CameraWorld, plan: CameraPlan): boolean {
    if (deployment === null || hasInstallation(deployment, installation)) return false;
    return stagedPodOf(deployment) !== null && plan.apply.some(({ object }) => object.kind === 'Deployment');
  }

  function enqueueWaiting(): void {
    if (waiting.size === 0 && isIdle) return;
    const { room, ...counts } = count();
    limitUntilMs = -Infinity;
    for (const camera of [...waiting].slice(0, Math.max(0, room))) {
      // Rotate, so that a camera that cannot be reconciled does not block the others.
      waiting.delete(camera);
      waiting.add(camera);
      enqueue(camera);
    }
    isIdle = counts.unavailable.size === 0;
    logProgress({ ...counts, waiting: waiting.size, nowMs: clock.now() });
  }

  return {
    decide(world) {
      const plan = decideWithinLimit(world);
      if (plan.replacement === 'replaces' || continuesRollout(world, plan)) {
        reservations.reserve(world.name);
        reservations.writing(world.name);
        isIdle = false;
      }
      if (plan.replacement === 'waits') waiting.add(world.name);
      else waiting.delete(world.name);
      return plan;
    },
    failed(camera, error) {
      const isRejected = error instanceof KubernetesError && error.status !== null && error.status < 500;
      reservations.failed(camera, isRejected);
    },
    waiting: () => waiting.size,
    async run(signal) {
      while (!signal.aborted) {
        await pause(checkEveryMs, clock, signal);
        if (!signal.aborted) enqueueWaiting();
      }
    },
  };
}
