import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { z } from 'zod';
import { ageOf } from '../age.ts';
import type { Cluster } from '../connect.ts';
import { good, notSeen, wrong } from './finding.ts';
import type { Finding } from './finding.ts';

/** As camera-operator calls it. */
const leaseName = 'camplane-camera-operator';

const leaseSchema = z.object({
  spec: z.object({
    holderIdentity: z.string().nullish(),
    leaseDurationSeconds: z.number().default(15),
    renewTime: z.string().nullish(),
  }),
});

/** Clocks here and there may differ by as much. */
const clockSkewMaxMs = 30_000;

/** Whether an operator leads: without one, no change of a camera is followed. */
export async function checkLeader(cluster: Cluster, nowMs: number, signal: AbortSignal): Promise<Finding> {
  const about = 'leader';
  const remedy = `kubectl -n ${cluster.namespace} logs deployment/camplane-camera-operator`;
  try {
    const lease = await cluster.api.get(
      resourceTypes.lease,
      { namespace: cluster.namespace, name: leaseName },
      signal,
    );
    if (!lease) return wrong(about, 'no operator has ever led here', remedy);
    const parsed = leaseSchema.safeParse(lease);
    const { holderIdentity, renewTime, leaseDurationSeconds = 0 } = parsed.data?.spec ?? {};
    if (!holderIdentity || !renewTime)
      return wrong(about, 'no operator leads: the last one left in order', remedy);
    const age = ageOf(renewTime, nowMs);
    const isStale = nowMs - Date.parse(renewTime) > leaseDurationSeconds * 1000 + clockSkewMaxMs;
    return isStale
      ? wrong(about, `${holderIdentity} led, and has not been heard for ${age}`, remedy)
      : good(about, `${holderIdentity}, heard ${age} ago`);
  } catch (error) {
    return notSeen(about, error);
  }
}
