import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';

/** `Lease` of coordination.k8s.io/v1. */
export type Lease = KubernetesObject & {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
};

/** The last observed lease, and when it was observed by the local clock. Clocks of replicas are never compared. */
export type LeaseObservation = { record: string; seenMs: number };

export type Claim = 'hold' | 'take' | 'wait';

/**
 * Decides what to do with a lease: hold it, take it (no holder, or no observed renewal for its whole duration by the
 * local clock), or wait.
 */
export function claimOf(
  lease: Lease | undefined,
  identity: string,
  lastSeen: LeaseObservation,
  nowMs: number,
): Claim {
  const holder = lease?.spec?.holderIdentity ?? '';
  if (holder === identity) return 'hold';
  if (holder === '') return 'take';
  const durationMs = (lease?.spec?.leaseDurationSeconds ?? 0) * 1000;
  return nowMs - lastSeen.seenMs >= durationMs ? 'take' : 'wait';
}

/** Changes with every renewal. */
export function recordOf(lease: Lease | undefined): string {
  const { holderIdentity, renewTime, leaseTransitions } = lease?.spec ?? {};
  return JSON.stringify([lease?.metadata.uid, holderIdentity, renewTime, leaseTransitions]);
}

/** The lease with `holder` as its holder. */
export function heldLease(
  lease: Lease | undefined,
  holder: { namespace: string; name: string; identity: string; durationSeconds: number },
  epochMs: number,
): Lease {
  const { namespace, name, identity, durationSeconds } = holder;
  const isHeld = lease?.spec?.holderIdentity === identity;
  const now = microTime(epochMs);
  const transitions = lease?.spec?.leaseTransitions ?? 0;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { ...lease?.metadata, namespace, name },
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: durationSeconds,
      acquireTime: isHeld ? (lease.spec?.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: lease === undefined || isHeld ? transitions : transitions + 1,
    },
  };
}

/** The lease without a holder, written on shutdown so that no replica has to wait. */
export function releasedLease(lease: Lease, epochMs: number): Lease {
  return { ...lease, spec: { ...lease.spec, holderIdentity: '', renewTime: microTime(epochMs) } };
}

/** The API's `MicroTime`. */
export function microTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000Z`;
}
