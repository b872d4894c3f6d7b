import { cameraLabel } from '@camplane/contracts/camera-workload';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { monotonicClock } from '@camplane/runtime/clock';
import { pause } from '@camplane/runtime/pause';
import type { Pod } from '../decide/pod.ts';
import type { OperatorCluster, OperatorNamespace } from './operator-cluster.ts';

type CameraDeployment = KubernetesObject & {
  spec: { replicas: number; template: { spec: { containers: { image: string }[] } } };
};

export type DeploymentController = {
  /** Cameras whose pod was replaced, in order, without initial pods. */
  readonly replaced: readonly string[];
  /** The maximum of cameras that lost their ready pod at the same time. */
  readonly unavailableMax: number;
  /** Resets the counts. */
  reset(): void;
  stop(): Promise<void>;
};

const checkEveryMs = 50;
/** Time from the end of a pod to the readiness of the next. */
const startMs = 300;

/**
 * Simulates the controllers and kubelets for the Deployments of a namespace, with strategy `Recreate`. A pod with the
 * image `brokenImage` never becomes ready.
 */
export function startDeploymentController(
  cluster: OperatorCluster,
  namespace: OperatorNamespace,
  brokenImage: string,
): DeploymentController {
  const { api } = cluster;
  const { deployment, pod } = resourceTypes;
  const stopping = new AbortController();
  const working = new Map<string, Promise<void>>();
  /** Generations that were started, because a list may be older. */
  const handled = new Map<string, number>();
  const hadPod = new Set<string>();
  const unavailable = new Set<string>();
  let replaced: string[] = [];
  let unavailableMax = 0;

  function setStatus(name: string, counts: object, progress: string): Promise<unknown> {
    const status = { ...counts, conditions: [{ type: 'Progressing', status: 'True', reason: progress }] };
    return api.mergePatch(deployment, ref(name), { status }, { subresource: 'status' });
  }

  function ref(name: string) {
    return { namespace: namespace.name, name };
  }

  async function deletePods(camera: string): Promise<void> {
    const selection = { namespace: namespace.name, labelSelector: `${cameraLabel}=${camera}` };
    const { items } = await api.list(pod, selection);
    for (const { metadata } of items) {
      const path = `/api/v1/namespaces/${namespace.name}/pods/${metadata.name}?gracePeriodSeconds=0`;
      await cluster.kubernetes.request({ method: 'DELETE', path });
    }
  }

  async function replace({ metadata, spec }: CameraDeployment): Promise<void> {
    const { name, generation: observedGeneration } = metadata;
    const camera = metadata.labels?.[cameraLabel] ?? '';
    if (hadPod.has(camera)) {
      unavailable.add(camera);
      replaced.push(camera);
      unavailableMax = Math.max(unavailableMax, unavailable.size);
    }
    await deletePods(camera);
    await setStatus(
      name,
      { observedGeneration, replicas: 0, updatedReplicas: 0, readyReplicas: 0 },
      'NewReplicaSetCreated',
    );
    await pause(startMs, monotonicClock, stopping.signal);
    if (spec.replicas === 0) return;
    const isBroken = spec.template.spec.containers.some(({ image }) => image === brokenImage);
    await namespace.createPod(camera, isBroken ? broken(brokenImage) : undefined);
    const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: isBroken ? 0 : 1 };
    await setStatus(name, counts, isBroken ? 'ReplicaSetUpdated' : 'NewReplicaSetAvailable');
    if (isBroken) return;
    hadPod.add(camera);
    unavailable.delete(camera);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const { items } = await api.list<CameraDeployment>(deployment, { namespace: namespace.name });
      for (const item of items) {
        const { name, generation = 0 } = item.metadata;
        if (working.has(name) || generation <= (handled.get(name) ?? 0)) continue;
        handled.set(name, generation);
        working.set(
          name,
          replace(item).finally(() => working.delete(name)),
        );
      }
      await pause(checkEveryMs, monotonicClock, stopping.signal);
    }
    await Promise.all(working.values());
  }

  const running = run();
  return {
    get replaced() {
      return replaced;
    },
    get unavailableMax() {
      return unavailableMax;
    },
    reset() {
      replaced = [];
      unavailableMax = 0;
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function broken(image: string): NonNullable<Pod['status']> {
  const waiting = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": not found` };
  const container = { image, imageID: '', ready: false, started: false, restartCount: 0 };
  return {
    phase: 'Pending',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [{ name: 'camera-service', ...container, state: { waiting } }],
  };
}
