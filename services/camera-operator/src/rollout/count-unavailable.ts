import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { progressOf } from '../decide/deployment-progress.ts';
import { hasInstallation, stagedPodOf } from '../decide/installation.ts';
import { belongsTo } from '../decide/ownership.ts';
import { sortPods } from '../decide/pod.ts';
import { cameraOfWorkload } from '../gather/camera-keys.ts';
import { unavailabilityOf } from './unavailability.ts';
import type { Unavailability } from './unavailability.ts';

export type UnavailableCount = {
  /** Cameras with a Deployment. */
  cameras: number;
  unavailable: Map<string, Unavailability>;
};

/** Counts the cameras that are unavailable because of a change of the installation. Pure. */
export function countUnavailable(options: {
  installation: string;
  /** All of the namespace; those of other owners are ignored. */
  deployments: Iterable<KubernetesObject>;
  podsOf: (camera: string) => readonly KubernetesObject[];
  /** Cameras whose replacement is not visible in the caches yet. */
  reserved: Iterable<string>;
  nowMs: number;
}): UnavailableCount {
  const { installation, deployments, podsOf, reserved, nowMs } = options;
  const unavailable = new Map<string, Unavailability>();
  let cameras = 0;
  for (const deployment of deployments) {
    const camera = cameraOfWorkload(deployment.metadata.name);
    if (camera === undefined || !belongsTo(deployment, camera)) continue;
    cameras += 1;
    if (!isCounted(deployment, installation)) continue;
    const unavailability = unavailabilityOf(deployment, sortPods(podsOf(camera), camera), nowMs);
    if (unavailability) unavailable.set(camera, unavailability);
  }
  for (const camera of reserved) if (!unavailable.has(camera)) unavailable.set(camera, { trouble: null });
  return { cameras, unavailable };
}

/** For earlier changes, counts only cameras that have not recovered since; others may be unavailable for other reasons. */
function isCounted(deployment: KubernetesObject, installation: string): boolean {
  if (stagedPodOf(deployment) === null) return false;
  return hasInstallation(deployment, installation) || !progressOf(deployment).wasReady;
}
