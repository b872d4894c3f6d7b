import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { CameraPlan } from '../plan.ts';
import { askedOf } from './config-map.ts';
import type { Deployment } from './deployment.ts';
import { progressOf } from './deployment-progress.ts';
import { differs } from './differs.ts';
import {
  installationOf,
  isOfInstallation,
  ownPartOf,
  rolloutAnnotations,
  stagedPodOf,
} from './installation.ts';
import { appliedAnnotation } from './ownership.ts';
import { isPodReady } from './pod.ts';
import type { Sight } from './readiness.ts';

/**
 * What a change of the installation does to a camera that people watch. `replaces`: it ends the camera's pod, and it is
 * this camera's turn. `waits`: it would, and it is not. `null`: what is to be written, if anything, need not wait.
 */
export type Replacement = CameraPlan['replacement'];

/** One thing for which a write need not wait. */
type Exemption = (sight: Sight, wanted: Deployment, there: KubernetesObject) => boolean;

/** The list reads as the specification. */
const exemptions: readonly Exemption[] = [
  (_sight, wanted, there) => isSameTemplate(wanted, there),
  // Somebody changed the Deployment by hand, or the camera.
  ({ settings }, _wanted, there) => isOfInstallation(there, installationOf(settings)),
  isOfAnotherCamera,
  isChangeOfTheCamera,
];

export function replacementOf(sight: Sight, wanted: Deployment): Replacement {
  const { deployment: there, mayReplace } = sight.world;
  if (there === null || exemptions.some((isExempt) => isExempt(sight, wanted, there))) return null;
  // Before its pod is looked at: of one that was just ended a cache may know, and not that this was its turn.
  if (mayReplace) return 'replaces';
  const { current } = sight.pods;
  // Nothing is to be seen anyway, and the change may be the cure.
  return current && isPodReady(current) ? 'waits' : null;
}

/**
 * Where the camera counts as taken away by the installation, the uid of the pod that was ended for it. It is its turn; or
 * it was, and the pod that was made then has never become ready: another change does not find it away for no reason.
 */
export function stagedPod({ world, pods }: Sight, replacement: Replacement): string | null {
  const { deployment } = world;
  if (replacement !== 'replaces') {
    return deployment === null || progressOf(deployment).wasReady ? null : stagedPodOf(deployment);
  }
  const { current } = pods;
  return (current && isPodReady(current) && current.metadata.uid) || 'gone';
}

/** Labels and the number of pods count too: they are in the hash. That is rare, and waits for nothing but its turn. */
function isSameTemplate(wanted: Deployment, there: KubernetesObject): boolean {
  const applied = (object: KubernetesObject) => object.metadata.annotations?.[appliedAnnotation];
  const { spec } = there as Partial<Deployment>;
  return applied(wanted) === applied(there) && !differs(wanted.spec.template, spec?.template);
}

function isOfAnotherCamera({ camera }: Sight, _wanted: Deployment, there: KubernetesObject): boolean {
  return !there.metadata.ownerReferences?.some(({ uid }) => uid === camera.uid);
}

/**
 * The generation says that somebody changed the spec, but not what of it; what the spec says of the pod is compared
 * too, since a change of, say, the frame rate has waited for nothing before. Where the version has changed as well
 * as the spec, the latter cannot be told, and nobody who has just changed a camera is made to wait.
 */
function isChangeOfTheCamera(
  { camera, world }: Sight,
  _wanted: Deployment,
  there: KubernetesObject,
): boolean {
  const brought = world.configMap && askedOf(world.configMap);
  if (!brought || brought.generation === camera.generation || !camera.spec.ok) return false;
  return there.metadata.annotations?.[rolloutAnnotations.ownPart] !== ownPartOf(camera.spec.value);
}
