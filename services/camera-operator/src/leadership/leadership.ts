import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { startTimeLimit } from '@camplane/kubernetes/time-limit';
import type { Logger } from '@camplane/service-kit/logging';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { pause } from '@camplane/runtime/pause';
import { claimOf, heldLease, recordOf, releasedLease } from './lease.ts';
import type { Lease, Sighting } from './lease.ts';

export type LeadershipTimes = {
  /** Another takes over this long after the last renewal that it saw. Whole seconds. */
  leaseMs: number;
  /** A leader that could not renew for so long gives up: well before another may take over. */
  renewDeadlineMs: number;
  retryMs: number;
};

export const defaultLeadershipTimes: LeadershipTimes = {
  leaseMs: 15_000,
  renewDeadlineMs: 10_000,
  retryMs: 2_000,
};

export const leaseName = 'camplane-camera-operator';

export type Leadership = {
  /** Resolves when this one leads; rejects when the signal is aborted. */
  acquire(signal: AbortSignal): Promise<void>;
  /** Renews until the signal, or resolves with the reason for which the lease is lost. */
  keep(signal: AbortSignal): Promise<string | null>;
  /**
   * Whether this one leads still, by the clock alone: a process that was stopped for a while (a paused machine) must
   * not write before it has looked.
   */
  leads(): boolean;
  /** Lets another take over at once. Never rejects. */
  release(): Promise<void>;
};

/** One leader among the operators of a namespace, by a Lease. */
export function createLeadership(options: {
  api: Pick<KubernetesApi, 'get' | 'create' | 'replace'>;
  namespace: string;
  identity: string;
  times: LeadershipTimes;
  clock: Clock;
  wallClock: WallClock;
  random: () => number;
  log: Logger;
}): Leadership {
  const { api, namespace, identity, times, clock, wallClock, random, log } = options;
  const holder = { namespace, name: leaseName, identity, durationSeconds: Math.ceil(times.leaseMs / 1000) };
  let sighting: Sighting = { record: '', seenMs: clock.now() };
  let held: Lease | undefined;
  let renewedMs = -Infinity;

  /** Looks at the lease and takes or renews it where it may. Throws as the API does. */
  async function tryOnce(signal: AbortSignal): Promise<boolean> {
    const lease = await api.get<Lease>(resourceTypes.lease, { namespace, name: leaseName }, signal);
    const nowMs = clock.now();
    if (sighting.record !== recordOf(lease)) sighting = { record: recordOf(lease), seenMs: nowMs };
    if (claimOf(lease, identity, sighting, nowMs) === 'wait') {
      held = undefined;
      return false;
    }
    const wanted = heldLease(lease, holder, wallClock.epochMs());
    // With the version that was seen: of two that take it at once, one is told of a conflict.
    held =
      lease === undefined
        ? await api.create<Lease>(resourceTypes.lease, wanted, {}, signal)
        : await api.replace<Lease>(resourceTypes.lease, wanted, signal);
    // From before the request was sent: the others count from when they see it.
    renewedMs = nowMs;
    return true;
  }

  /** One attempt, given up in time for the next. */
  async function attempt(signal: AbortSignal): Promise<boolean> {
    const limit = startTimeLimit(Math.ceil(times.renewDeadlineMs / 2), signal);
    try {
      return await tryOnce(limit.signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof KubernetesError)) throw error;
      const isRace = error.kind === 'conflict' || error.kind === 'already-exists';
      if (!isRace) log.warn({ reason: error.message }, 'the lease of the leader cannot be read or written');
      return false;
    } finally {
      limit.end();
    }
  }

  return {
    async acquire(signal) {
      while (!(await attempt(signal))) {
        await pause(times.retryMs * (1 + random() / 4), clock, signal);
        signal.throwIfAborted();
      }
    },
    async keep(signal) {
      for (;;) {
        await pause(times.retryMs, clock, signal);
        if (signal.aborted) return null;
        const isHeld = await attempt(signal).catch((error: unknown) => {
          if (signal.aborted) return true;
          throw error;
        });
        if (signal.aborted) return null;
        if (!isHeld && held === undefined) return 'another operator leads';
        if (clock.now() - renewedMs > times.renewDeadlineMs) {
          return `the lease could not be renewed for ${Math.round((clock.now() - renewedMs) / 1000)} s`;
        }
      }
    },
    leads: () => clock.now() - renewedMs <= times.renewDeadlineMs,
    async release() {
      if (held === undefined) return;
      const lease = held;
      held = undefined;
      renewedMs = -Infinity;
      try {
        await api.replace(
          resourceTypes.lease,
          releasedLease(lease, wallClock.epochMs()),
          AbortSignal.timeout(2_000),
        );
      } catch (error) {
        log.info({ err: error }, 'the lease was not left: another operator waits until it runs out');
      }
    },
  };
}
