import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { ResourceCache } from '@camplane/kubernetes/resource-cache';
import { workloadName } from '@camplane/contracts/camera-workload';
import type { Logger } from '@camplane/service-kit/logging';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { pause } from '@camplane/runtime/pause';
import { isOfInstallation } from '../decide/installation.ts';
import type { PodIndex } from '../gather/pod-index.ts';
import type { CameraPlan } from '../plan.ts';
import type { CameraWorld } from '../world.ts';
import type { Away } from './away.ts';
import { countAway } from './count-away.ts';
import { maxAway } from './max-unavailable.ts';
import type { MaxUnavailable } from './max-unavailable.ts';
import { createReservations } from './reservations.ts';
import { createRolloutNews } from './rollout-news.ts';

export type Rollout = {
  /** Decides, and gives the camera its turn where it waits for one and there is one. */
  decide(world: CameraWorld): CameraPlan;
  /** A part of a camera's workload was not written. */
  failed(camera: string, error: unknown): void;
  /** Cameras that wait. */
  waiting(): number;
  /** Wakes those that wait when there is room, until the signal. */
  run(signal: AbortSignal): Promise<void>;
};

const lookEveryMs = 1_000;
/** While there is no room a thousand cameras may ask for it, and each answer is a look at all of them. */
const fullForMs = 250;

/**
 * A change of the installation replaces the pods of its cameras a few at a time. Who is away is read from the caches,
 * each time anew, so that it makes no difference who began it; only turns that the caches do not show yet are kept.
 */
export function createRollout(options: {
  /** A hash of what the installation puts into the pods. */
  installation: string;
  maxUnavailable: MaxUnavailable;
  deployments: Pick<ResourceCache<KubernetesObject>, 'get' | 'list'>;
  pods: Pick<PodIndex, 'podsOf'>;
  decide: (world: CameraWorld) => CameraPlan;
  wake: (camera: string) => void;
  log: Pick<Logger, 'info' | 'warn'>;
  clock: Clock;
  wallClock: WallClock;
}): Rollout {
  const { installation, maxUnavailable, deployments, pods, decide, wake, clock, wallClock } = options;
  const reservations = createReservations(clock);
  const news = createRolloutNews(options.log);
  /** In the order in which they are woken. */
  const waiting = new Set<string>();
  let isQuiet = true;
  let fullUntilMs = -Infinity;

  function look(): { away: ReadonlyMap<string, Away>; room: number; maxAway: number } {
    const { cameras, away } = countAway({
      ...{ installation, deployments: deployments.list(), podsOf: (camera) => pods.podsOf(camera) },
      ...{ reserved: reservations.open(isShown), nowMs: wallClock.epochMs() },
    });
    const most = maxAway(maxUnavailable, cameras);
    return { away, room: most - away.size, maxAway: most };
  }

  /** That it is of this installation, or is gone. */
  function isShown(camera: string): boolean {
    const deployment = deployments.get(workloadName(camera));
    return deployment === undefined || isOfInstallation(deployment, installation);
  }

  /** In one go with the look: another camera's is decided after it. */
  function take(camera: string): boolean {
    if (clock.now() < fullUntilMs) return false;
    const { away, room } = look();
    // One that is away already is no further away.
    if (room <= 0 && !away.has(camera)) {
      fullUntilMs = clock.now() + fullForMs;
      return false;
    }
    reservations.take(camera);
    return true;
  }

  function decideInTurn(world: CameraWorld): CameraPlan {
    const plan = decide({ ...world, mayReplace: reservations.has(world.name) });
    // What was refused is decided once more for its status alone.
    if (plan.replacement !== 'waits' || world.refusal !== null || !take(world.name)) return plan;
    return decide({ ...world, mayReplace: true });
  }

  function wakeThoseWithRoom(): void {
    if (waiting.size === 0 && isQuiet) return;
    const { room, ...seen } = look();
    fullUntilMs = -Infinity;
    for (const camera of [...waiting].slice(0, Math.max(0, room))) {
      // One that cannot be looked at keeps nobody else from being woken.
      waiting.delete(camera);
      waiting.add(camera);
      wake(camera);
    }
    isQuiet = seen.away.size === 0;
    news({ ...seen, waiting: waiting.size, nowMs: clock.now() });
  }

  return {
    decide(world) {
      const plan = decideInTurn(world);
      if (plan.replacement === 'replaces') {
        reservations.take(world.name);
        isQuiet = false;
      }
      if (plan.replacement === 'waits') waiting.add(world.name);
      else waiting.delete(world.name);
      return plan;
    },
    failed(camera, error) {
      // It was not done, and others need not wait for this one. Of what was not answered nobody knows.
      const isRefused = error instanceof KubernetesError && error.status !== null && error.status < 500;
      if (isRefused) reservations.end(camera);
    },
    waiting: () => waiting.size,
    async run(signal) {
      while (!signal.aborted) {
        await pause(lookEveryMs, clock, signal);
        if (!signal.aborted) wakeThoseWithRoom();
      }
    },
  };
}
