import { configVersionAnnotation } from '@camplane/contracts/camera-workload';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { CameraResourceSpec } from '@camplane/contracts/camera-resource';
import type { KubernetesObject, ResourceType } from '@camplane/kubernetes/kubernetes-object';
import type { CameraPlan } from '../plan.ts';
import type { CameraWorld } from '../world.ts';
import { configMapOf, heldConfigMap } from './config-map.ts';
import type { ConfigMap } from './config-map.ts';
import { deploymentOf } from './deployment.ts';
import { differs } from './differs.ts';
import { eventsOf } from './events.ts';
import { withRolloutAnnotations } from './installation.ts';
import { withMountedSecret } from './mounted-secret.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { belongsTo, hashOf } from './ownership.ts';
import { isServiceRunning, sortPods } from './pod.ts';
import { canRun, readinessOf, secretGraceInMs, stuckInMs } from './readiness.ts';
import type { Observation } from './readiness.ts';
import { replacementOf, stagedPod } from './replacement.ts';
import { parseCamera } from './parse-camera.ts';
import { serviceOf } from './service.ts';
import { statusOf } from './status.ts';

const emptyPlan: CameraPlan = {
  ...{ apply: [], annotatePods: [], remove: [], events: [] },
  ...{ status: null, replacement: null, requeueAfterMs: null },
};

/** For objects that are being deleted. */
const requeueSoonMs = 1000;

/** Decides the writes that bring a camera's workload and status up to date. Pure. */
export function decide(world: CameraWorld, settings: OperatorSettings): CameraPlan {
  if (world.camera === null) return { ...emptyPlan, remove: leftovers(world) };
  // The garbage collector deletes the workload.
  if (world.camera.metadata.deletionTimestamp !== undefined) return emptyPlan;
  const observation = observe(world, world.camera, settings);
  const readiness = readinessOf(observation);
  const status = statusOf(observation, readiness);
  return {
    ...workloadPlan(observation),
    status,
    // Only with a status write, so that an event is not repeated on every reconcile.
    events: status === null ? [] : eventsOf(observation.camera.previous, readiness),
    requeueAfterMs: requeueAfter(observation),
  };
}

function observe(world: CameraWorld, object: KubernetesObject, settings: OperatorSettings): Observation {
  const camera = parseCamera(object);
  const pods = sortPods(world.pods, world.name);
  const isOwnReport =
    pods.current !== null &&
    pods.current.metadata.uid === world.report?.podUid &&
    isServiceRunning(pods.current);
  return {
    ...{ world, settings, camera, pods },
    report: isOwnReport && world.report ? world.report.status : null,
    foreign: foreignObject(world),
  };
}

/** In creation order: a pod needs its configuration. */
function parts(world: CameraWorld): { type: ResourceType; live: KubernetesObject | null }[] {
  return [
    { type: resourceTypes.configMap, live: world.configMap },
    { type: resourceTypes.service, live: world.service },
    { type: resourceTypes.deployment, live: world.deployment },
  ];
}

function foreignObject(world: CameraWorld): string | null {
  const found = parts(world).find(({ live }) => live !== null && !belongsTo(live, world.name));
  return found ? `The ${found.type.kind} ${found.live?.metadata.name}` : null;
}

/** The workload of a deleted camera, in case the garbage collector misses it. */
function leftovers(world: CameraWorld): CameraPlan['remove'] {
  return parts(world).flatMap(({ type, live }) =>
    live && belongsTo(live, world.name) ? removalOf(type, live) : [],
  );
}

function removalOf(type: ResourceType, { metadata }: KubernetesObject): CameraPlan['remove'] {
  const isDeleting = metadata.deletionTimestamp !== undefined;
  return isDeleting ? [] : [{ type, name: metadata.name, uid: metadata.uid ?? '' }];
}

type WorkloadPlan = Pick<CameraPlan, 'apply' | 'annotatePods' | 'remove' | 'replacement'>;

function workloadPlan(observation: Observation): WorkloadPlan {
  const { world, settings, camera } = observation;
  const none: WorkloadPlan = { apply: [], annotatePods: [], remove: [], replacement: null };
  if (!camera.spec.ok || !canRun(observation)) return none;
  const spec = withMountedSecret(observation, camera.spec.value);
  const owner = { id: camera.id, uid: camera.uid, namespace: world.namespace };
  const deployment = deploymentOf(owner, spec, settings);
  if (world.deployment && hasOtherSelector(world.deployment, deployment)) {
    return { ...none, remove: removalOf(resourceTypes.deployment, world.deployment) };
  }
  const replacement = replacementOf(observation, spec, deployment);
  const latest = configMapOf(owner, camera, spec, settings);
  const waits = replacement === 'waits';
  const configMap = waits ? heldConfigMap(owner, camera, latest, world.configMap) : latest;
  const desired = [
    configMap,
    serviceOf(owner),
    ...(waits || isSecretPending(observation)
      ? []
      : [
          withRolloutAnnotations(deployment, {
            spec,
            settings,
            stagedPod: stagedPod(observation, replacement),
          }),
        ]),
  ];
  return {
    ...none,
    apply: parts(world).flatMap(({ type, live }, index) => {
      const object = desired[index];
      const isDeleting = live?.metadata.deletionTimestamp !== undefined;
      return object && !isDeleting && differs(object, live) ? [{ type, object }] : [];
    }),
    annotatePods: annotations(observation, configVersion(world, spec, configMap)),
    replacement,
  };
}

/** The Secret of a new camera may be created after it: a pod without it would soon be replaced. */
function isSecretPending({ world, camera }: Observation): boolean {
  const ref = camera.spec.ok ? camera.spec.value.source.credentialsSecretRef : null;
  return ref !== null && world.secret === null && world.deployment === null && secretGraceInMs(world) > 0;
}

/** A selector is immutable, so the Deployment is recreated. */
function hasOtherSelector(live: KubernetesObject, desired: ReturnType<typeof deploymentOf>): boolean {
  const { spec } = live as { spec?: { selector?: unknown } };
  return differs({ selector: desired.spec.selector }, { selector: spec?.selector });
}

/** Changes whenever a file mounted in the pod changes. */
function configVersion({ secret }: CameraWorld, spec: CameraResourceSpec, { data }: ConfigMap): string {
  const ref = spec.source.credentialsSecretRef;
  const version = ref && secret ? [secret.metadata.uid, secret.metadata.resourceVersion] : null;
  return hashOf([data, ref?.name, version]);
}

function annotations({ pods }: Observation, version: string): CameraPlan['annotatePods'] {
  const { current } = pods;
  if (!current || current.metadata.annotations?.[configVersionAnnotation] === version) return [];
  return [{ name: current.metadata.name, annotations: { [configVersionAnnotation]: version } }];
}

function requeueAfter({ world, pods, report }: Observation): number | null {
  const isDeleting = parts(world).some(({ live }) => live?.metadata.deletionTimestamp !== undefined);
  if (isDeleting) return requeueSoonMs;
  const graceInMs = world.secret === null ? secretGraceInMs(world) : 0;
  if (graceInMs > 0) return graceInMs;
  const { current } = pods;
  if (!current || report || isServiceRunning(current)) return null;
  const stuckIn = stuckInMs(current, world.nowMs);
  return stuckIn > 0 ? stuckIn : null;
}
