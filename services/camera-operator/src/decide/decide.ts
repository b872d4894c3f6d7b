import { configVersionAnnotation } from '@camplane/contracts/camera-workload';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject, ResourceType } from '@camplane/kubernetes/kubernetes-object';
import type { CameraPlan } from '../plan.ts';
import type { CameraWorld } from '../world.ts';
import { configMapOf, heldConfigMap } from './config-map.ts';
import type { ConfigMap } from './config-map.ts';
import { deploymentOf } from './deployment.ts';
import { differs } from './differs.ts';
import { eventsOf } from './events.ts';
import { marked } from './installation.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { belongsTo, hashOf } from './ownership.ts';
import { isServiceRunning, sortPods } from './pod.ts';
import { mayRun, readinessOf, secretGraceInMs, stuckInMs } from './readiness.ts';
import type { Sight } from './readiness.ts';
import { replacementOf, stagedPod } from './replacement.ts';
import { readCamera } from './read-camera.ts';
import type { CameraRead } from './read-camera.ts';
import { serviceOf } from './service.ts';
import { statusOf } from './status.ts';

const nothing: CameraPlan = {
  ...{ apply: [], annotatePods: [], remove: [], events: [] },
  ...{ status: null, replacement: null, lookAgainInMs: null },
};

/** What is on its way out is waited for. */
const lookAgainSoonMs = 1000;

/** What is to be written so that a camera's parts and its status are as they should be. Pure. */
export function decide(world: CameraWorld, settings: OperatorSettings): CameraPlan {
  if (world.camera === null) return { ...nothing, remove: leftovers(world) };
  // The garbage collector takes the parts with it.
  if (world.camera.metadata.deletionTimestamp !== undefined) return nothing;
  const sight = look(world, world.camera, settings);
  const readiness = readinessOf(sight);
  const status = statusOf(sight, readiness);
  return {
    ...workloadPlan(sight),
    status,
    // An event goes with a status that is written: what was told once is not told again at every look.
    events: status === null ? [] : eventsOf(sight.camera.previous, readiness),
    lookAgainInMs: lookAgainIn(sight),
  };
}

function look(world: CameraWorld, object: KubernetesObject, settings: OperatorSettings): Sight {
  const camera = readCamera(object);
  const pods = sortPods(world.pods, world.name);
  const isItsOwn =
    pods.current !== null &&
    pods.current.metadata.uid === world.report?.podUid &&
    isServiceRunning(pods.current);
  return {
    ...{ world, settings, camera, pods },
    report: isItsOwn && world.report ? world.report.status : null,
    foreign: foreignObject(world),
  };
}

/** In the order in which they are made: a pod needs its configuration, a viewer the pod. */
function parts(world: CameraWorld): { type: ResourceType; there: KubernetesObject | null }[] {
  return [
    { type: resourceTypes.configMap, there: world.configMap },
    { type: resourceTypes.service, there: world.service },
    { type: resourceTypes.deployment, there: world.deployment },
  ];
}

function foreignObject(world: CameraWorld): string | null {
  const found = parts(world).find(({ there }) => there !== null && !belongsTo(there, world.name));
  return found ? `The ${found.type.kind} ${found.there?.metadata.name}` : null;
}

/** Parts of a camera that is gone, which the garbage collector would take too, if it saw them. */
function leftovers(world: CameraWorld): CameraPlan['remove'] {
  return parts(world).flatMap(({ type, there }) =>
    there && belongsTo(there, world.name) ? removalOf(type, there) : [],
  );
}

function removalOf(type: ResourceType, { metadata }: KubernetesObject): CameraPlan['remove'] {
  const isGoing = metadata.deletionTimestamp !== undefined;
  return isGoing ? [] : [{ type, name: metadata.name, uid: metadata.uid ?? '' }];
}

type WorkloadPlan = Pick<CameraPlan, 'apply' | 'annotatePods' | 'remove' | 'replacement'>;

function workloadPlan(sight: Sight): WorkloadPlan {
  const { world, settings, camera } = sight;
  const none: WorkloadPlan = { apply: [], annotatePods: [], remove: [], replacement: null };
  if (!camera.spec.ok || !mayRun(sight)) return none;
  const spec = camera.spec.value;
  const owner = { id: camera.id, uid: camera.uid, namespace: world.namespace };
  const deployment = deploymentOf(owner, spec, settings);
  if (world.deployment && hasOtherSelector(world.deployment, deployment)) {
    return { ...none, remove: removalOf(resourceTypes.deployment, world.deployment) };
  }
  const replacement = replacementOf(sight, deployment);
  const newest = configMapOf(owner, camera, spec, settings);
  const waits = replacement === 'waits';
  const configMap = waits ? heldConfigMap(owner, camera, newest, world.configMap) : newest;
  const wanted = [
    configMap,
    serviceOf(owner),
    ...(waits ? [] : [marked(deployment, { spec, settings, stagedPod: stagedPod(sight, replacement) })]),
  ];
  return {
    ...none,
    apply: parts(world).flatMap(({ type, there }, index) => {
      const object = wanted[index];
      const isGoing = there?.metadata.deletionTimestamp !== undefined;
      return object && !isGoing && differs(object, there) ? [{ type, object }] : [];
    }),
    annotatePods: annotations(sight, configVersion(world, camera, configMap)),
    replacement,
  };
}

/** A selector cannot be changed: the Deployment is made anew. */
function hasOtherSelector(there: KubernetesObject, wanted: ReturnType<typeof deploymentOf>): boolean {
  const { spec } = there as { spec?: { selector?: unknown } };
  return differs({ selector: wanted.spec.selector }, { selector: spec?.selector });
}

/** Changes with every change of the files that are mounted in the camera's pod. */
function configVersion({ secret }: CameraWorld, { spec }: CameraRead, { data }: ConfigMap): string {
  const ref = spec.ok ? spec.value.source.credentialsSecretRef : null;
  const version = ref && secret ? [secret.metadata.uid, secret.metadata.resourceVersion] : null;
  return hashOf([data, ref?.name, version]);
}

function annotations({ pods }: Sight, version: string): CameraPlan['annotatePods'] {
  const { current } = pods;
  if (!current || current.metadata.annotations?.[configVersionAnnotation] === version) return [];
  return [{ name: current.metadata.name, annotations: { [configVersionAnnotation]: version } }];
}

function lookAgainIn({ world, pods, report }: Sight): number | null {
  const isGoing = parts(world).some(({ there }) => there?.metadata.deletionTimestamp !== undefined);
  if (isGoing) return lookAgainSoonMs;
  const graceInMs = world.secret === null ? secretGraceInMs(world) : 0;
  if (graceInMs > 0) return graceInMs;
  const { current } = pods;
  if (!current || report || isServiceRunning(current)) return null;
  const stuckIn = stuckInMs(current, world.nowMs);
  return stuckIn > 0 ? stuckIn : null;
}
