import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { startTimeLimit } from '@camplane/kubernetes/time-limit';
import type { Logger } from '@camplane/service-kit/logging';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { pause } from '@camplane/runtime/pause';
import { claimOf, heldLease, recordOf, releasedLease } from './lease.ts';
import type { Lease, LeaseObservation } from './lease.ts';

export type LeadershipTimes = {
  /** Another replica takes over this long after the last renewal it saw. Whole seconds. */
  leaseMs: number;
  /** A leader that cannot renew for this long resigns, well before another may take over. */
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
  /** Resolves on becoming leader; rejects when the signal aborts. */
  acquire(signal: AbortSignal): Promise<void>;
  /** Renews until the signal and resolves to null, or resolves to the reason why the lease is lost. */
  renew(signal: AbortSignal): Promise<string | null>;
  /**
   * Whether this replica may still write, by the clock alone: after a suspend, a process must not write before it has
   * renewed.
   */
  isLeader(): boolean;
  /** Releases the lease, so that another replica takes over at once. Never rejects. */
  release(): Promise<void>;
};

/** Leader election among the operators of a namespace, with a Lease. */
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
  let lastSeen: LeaseObservation = { record: '', seenMs: clock.now() };
  let held: Lease | undefined;
  let renewedMs = -Infinity;

  /** Takes or renews the lease if possible. Throws KubernetesError. */
  async function tryOnce(signal: AbortSignal): Promise<boolean> {
    const lease = await api.get<Lease>(resourceTypes.lease, { namespace, name: leaseName }, signal);
    const nowMs = clock.now();
    if (lastSeen.record !== recordOf(lease)) lastSeen = { record: recordOf(lease), seenMs: nowMs };
    if (claimOf(lease, identity, lastSeen, nowMs) === 'wait') {
      held = undefined;
      return false;
    }
    const desired = heldLease(lease, holder, wallClock.epochMs());
    // Includes the version that was read: of two concurrent takers, one gets a conflict.
    held =
      lease === undefined
        ? await api.create<Lease>(resourceTypes.lease, desired, {}, signal)
        : await api.replace<Lease>(resourceTypes.lease, desired, signal);
    // The time before the request, because others count from when they see the renewal.
    renewedMs = nowMs;
    return true;
  }

  /** One attempt with a time limit. */
  async function attempt(signal: AbortSignal): Promise<boolean> {
    const limit = startTimeLimit(Math.ceil(times.renewDeadlineMs / 2), signal);
    try {
      return await tryOnce(limit.signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof KubernetesError)) throw error;
      const isRace = error.kind === 'conflict' || error.kind === 'already-exists';
      if (!isRace) log.warn({ reason: error.message }, 'lease renewal failed, will retry');
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
    async renew(signal) {
      for (;;) {
        await pause(times.retryMs, clock, signal);
        if (signal.aborted) return null;
        const isHeld = await attempt(signal).catch((error: unknown) => {
          if (signal.aborted) return true;
          throw error;
        });
        if (signal.aborted) return null;
        if (!isHeld && held === undefined) return 'another operator is leader';
        if (clock.now() - renewedMs > times.renewDeadlineMs) {
          return `the lease could not be renewed for ${Math.round((clock.now() - renewedMs) / 1000)} s`;
        }
      }
    },
    isLeader: () => clock.now() - renewedMs <= times.renewDeadlineMs,
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
        log.info({ err: error }, 'lease release failed, another operator waits until it expires');
      }
    },
  };
}
