import type { CameraResourceSpec } from '@camplane/contracts/camera-resource';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { CameraPlan } from '../plan.ts';
import { revisionOf } from './config-map.ts';
import type { Deployment } from './deployment.ts';
import { progressOf } from './deployment-progress.ts';
import { differs } from './differs.ts';
import {
  installationHashOf,
  hasInstallation,
  specHashOf,
  rolloutAnnotations,
  stagedPodOf,
} from './installation.ts';
import { appliedAnnotation } from './ownership.ts';
import { isPodReady } from './pod.ts';
import type { Observation } from './readiness.ts';

/**
 * How a change of the installation affects a ready pod. `replaces`: the rollout allows the replacement now. `waits`: it
 * does not yet. `null`: the write, if any, need not wait.
 */
export type Replacement = CameraPlan['replacement'];

/** A reason why a write need not wait. */
type Exemption = (observation: Observation, desired: Desired, live: KubernetesObject) => boolean;

/** `deployment` was built from `spec`. */
type Desired = { spec: CameraResourceSpec; deployment: Deployment };

const exemptions: readonly Exemption[] = [
  (_observation, { deployment }, live) => isSameTemplate(deployment, live),
  // The Deployment was edited manually, or the camera was changed.
  ({ settings }, _desired, live) => hasInstallation(live, installationHashOf(settings)),
  belongsToOtherCamera,
  isCameraChange,
];

export function replacementOf(
  observation: Observation,
  spec: CameraResourceSpec,
  deployment: Deployment,
): Replacement {
  const { deployment: live, mayReplace } = observation.world;
  const desired = { spec, deployment };
  if (live === null || exemptions.some((isExempt) => isExempt(observation, desired, live))) return null;
  // Before the check of the pod: a cache may show the replaced pod as deleted before it shows the new Deployment.
  if (mayReplace) return 'replaces';
  const { current } = observation.pods;
  // Without a ready pod no video is lost, and the change may be the fix.
  return current && isPodReady(current) ? 'waits' : null;
}

/**
 * The uid of the pod that a staged change replaces or has replaced, while its replacement has never been ready. The
 * camera counts as unavailable because of the rollout meanwhile.
 */
export function stagedPod({ world, pods }: Observation, replacement: Replacement): string | null {
  const { deployment } = world;
  if (replacement !== 'replaces') {
    return deployment === null || progressOf(deployment).wasReady ? null : stagedPodOf(deployment);
  }
  const { current } = pods;
  return (current && isPodReady(current) && current.metadata.uid) || 'deleted';
}

/** Also compares labels and replicas, which are in the hash. */
function isSameTemplate(desired: Deployment, live: KubernetesObject): boolean {
  const applied = (object: KubernetesObject) => object.metadata.annotations?.[appliedAnnotation];
  const { spec } = live as Partial<Deployment>;
  return applied(desired) === applied(live) && !differs(desired.spec.template, spec?.template);
}

function belongsToOtherCamera({ camera }: Observation, _desired: Desired, live: KubernetesObject): boolean {
  return !live.metadata.ownerReferences?.some(({ uid }) => uid === camera.uid);
}

/**
 * Whether a user changed the camera in a way that needs another pod. The generation shows that the spec changed, its
 * hash that the change affects the pod. If spec and operator version changed together, this returns true, so that users
 * do not wait for their change.
 */
function isCameraChange({ camera, world }: Observation, { spec }: Desired, live: KubernetesObject): boolean {
  const revision = world.configMap && revisionOf(world.configMap);
  if (!revision || revision.generation === camera.generation) return false;
  return live.metadata.annotations?.[rolloutAnnotations.specHash] !== specHashOf(spec);
}
