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

/** The lease as it was last seen, and when by the own clock: others' clocks are not compared with. */
export type Sighting = { record: string; seenMs: number };

export type Claim = 'hold' | 'take' | 'wait';

/**
 * What may be done with a lease: it is held already, it may be taken (nobody holds it, or its holder has not renewed
 * it for as long as it runs, by the own clock since the last change was seen), or its end is to be waited for.
 */
export function claimOf(
  lease: Lease | undefined,
  identity: string,
  sighting: Sighting,
  nowMs: number,
): Claim {
  const holder = lease?.spec?.holderIdentity ?? '';
  if (holder === identity) return 'hold';
  if (holder === '') return 'take';
  const durationMs = (lease?.spec?.leaseDurationSeconds ?? 0) * 1000;
  return nowMs - sighting.seenMs >= durationMs ? 'take' : 'wait';
}

/** What changes with every renewal. */
export function recordOf(lease: Lease | undefined): string {
  const { holderIdentity, renewTime, leaseTransitions } = lease?.spec ?? {};
  return JSON.stringify([lease?.metadata.uid, holderIdentity, renewTime, leaseTransitions]);
}

/** The lease as its holder writes it. */
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

/** The lease as its holder leaves it at an orderly end, so that nobody has to wait. */
export function releasedLease(lease: Lease, epochMs: number): Lease {
  return { ...lease, spec: { ...lease.spec, holderIdentity: '', renewTime: microTime(epochMs) } };
}

/** `MicroTime` of the API. */
export function microTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000Z`;
}
