import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { CameraPlan } from '../../plan.ts';
import type { CameraWorld } from '../../world.ts';

const workloadTypes = [
  { type: resourceTypes.configMap, key: 'configMap' },
  { type: resourceTypes.service, key: 'service' },
  { type: resourceTypes.deployment, key: 'deployment' },
] as const;

/** The world after a plan, with the defaults that an API server adds. */
export function applyToWorld(world: CameraWorld, plan: CameraPlan): CameraWorld {
  const next: CameraWorld = { ...world };
  for (const { type, key } of workloadTypes) {
    if (plan.remove.some((removal) => removal.type.plural === type.plural)) next[key] = null;
    const applied = plan.apply.find((change) => change.type.plural === type.plural);
    if (applied) next[key] = withDefaults(merged(world[key], applied.object));
  }
  next.pods = world.pods.map((pod) => {
    const patch = plan.annotatePods.find(({ name }) => name === pod.metadata.name);
    const annotations = { ...pod.metadata.annotations, ...patch?.annotations };
    return patch ? { ...pod, metadata: { ...pod.metadata, annotations } } : pod;
  });
  if (plan.status && world.camera) next.camera = { ...world.camera, ...{ status: plan.status } };
  return next;
}

/** Keeps the metadata that others wrote. */
function merged(live: KubernetesObject | null, desired: KubernetesObject): KubernetesObject {
  const object = structuredClone(desired);
  if (!live) return object;
  return {
    ...object,
    metadata: {
      ...live.metadata,
      ...object.metadata,
      labels: { ...live.metadata.labels, ...object.metadata.labels },
      annotations: { ...live.metadata.annotations, ...object.metadata.annotations },
    },
  };
}

function withDefaults(object: KubernetesObject): KubernetesObject {
  const { spec } = object as { spec?: Record<string, unknown> };
  return {
    ...object,
    metadata: { uid: `${object.kind}-uid`, resourceVersion: '7', generation: 1, ...object.metadata },
    ...(spec ? { spec: { ...spec, progressDeadlineSeconds: 600, sessionAffinity: 'None' } } : {}),
    ...{ status: { observedGeneration: 1 } },
  };
}
