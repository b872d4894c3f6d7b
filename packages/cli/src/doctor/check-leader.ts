import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { z } from 'zod';
import { ageOf } from '../age.ts';
import type { Cluster } from '../connect.ts';
import { good, notChecked, wrong } from './finding.ts';
import type { Finding } from './finding.ts';

/** The name in camera-operator. */
const leaseName = 'camplane-camera-operator';

const leaseSchema = z.object({
  spec: z.object({
    holderIdentity: z.string().nullish(),
    leaseDurationSeconds: z.number().default(15),
    renewTime: z.string().nullish(),
  }),
});

/** Tolerated difference between the clocks here and in the cluster. */
const clockSkewMaxMs = 30_000;

/** Checks that an operator is leader. Without one, changes to cameras are not applied. */
export async function checkLeader(cluster: Cluster, nowMs: number, signal: AbortSignal): Promise<Finding> {
  const about = 'leader';
  const remedy = `kubectl -n ${cluster.namespace} logs deployment/camplane-camera-operator`;
  try {
    const lease = await cluster.api.get(
      resourceTypes.lease,
      { namespace: cluster.namespace, name: leaseName },
      signal,
    );
    if (!lease) return wrong(about, 'no operator has been leader yet', remedy);
    const parsed = leaseSchema.safeParse(lease);
    const { holderIdentity, renewTime, leaseDurationSeconds = 0 } = parsed.data?.spec ?? {};
    if (!holderIdentity || !renewTime)
      return wrong(about, 'no leader: the last operator was shut down', remedy);
    const age = ageOf(renewTime, nowMs);
    const isStale = nowMs - Date.parse(renewTime) > leaseDurationSeconds * 1000 + clockSkewMaxMs;
    return isStale
      ? wrong(about, `${holderIdentity} has not renewed its lease for ${age}`, remedy)
      : good(about, `${holderIdentity}, renewed ${age} ago`);
  } catch (error) {
    return notChecked(about, error);
  }
}
