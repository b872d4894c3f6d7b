import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { progressOf } from '../decide/deployment-progress.ts';
import { isOfInstallation, stagedPodOf } from '../decide/installation.ts';
import { belongsTo } from '../decide/ownership.ts';
import { sortPods } from '../decide/pod.ts';
import { cameraOfWorkload } from '../gather/camera-keys.ts';
import { awayOf } from './away.ts';
import type { Away } from './away.ts';

export type AwayCount = {
  /** Cameras with a Deployment. */
  cameras: number;
  away: Map<string, Away>;
};

/** The cameras that are away because a change of the installation has replaced their pods. Pure. */
export function countAway(options: {
  installation: string;
  /** Of the namespace; what is no camera's is left out. */
  deployments: Iterable<KubernetesObject>;
  podsOf: (camera: string) => readonly KubernetesObject[];
  /** Whose turn it is, though nothing is seen of it yet. */
  reserved: Iterable<string>;
  nowMs: number;
}): AwayCount {
  const { installation, deployments, podsOf, reserved, nowMs } = options;
  const away = new Map<string, Away>();
  let cameras = 0;
  for (const deployment of deployments) {
    const camera = cameraOfWorkload(deployment.metadata.name);
    if (camera === undefined || !belongsTo(deployment, camera)) continue;
    cameras += 1;
    if (!isCounted(deployment, installation)) continue;
    const seen = awayOf(deployment, sortPods(podsOf(camera), camera), nowMs);
    if (seen) away.set(camera, seen);
  }
  for (const camera of reserved) if (!away.has(camera)) away.set(camera, { trouble: null });
  return { cameras, away };
}

/** Of a change before the last, those are counted that were never back: what they are away for is not known of others. */
function isCounted(deployment: KubernetesObject, installation: string): boolean {
  if (stagedPodOf(deployment) === null) return false;
  return isOfInstallation(deployment, installation) || !progressOf(deployment).wasReady;
}
