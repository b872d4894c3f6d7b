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
  /** Cameras whose pod was replaced, in order; not the first one of each. */
  readonly replaced: readonly string[];
  /** The most that had no ready pod at one time, having had one before. */
  readonly awayMax: number;
  /** Forgets what was counted. */
  reset(): void;
  stop(): Promise<void>;
};

const lookEveryMs = 50;
/** Between the end of a pod and the readiness of the next. */
const startMs = 300;

/**
 * What a cluster's controllers and kubelets do of the Deployments of a namespace, which an API server alone does not:
 * `Recreate`. A pod of the image `brokenImage` is never ready.
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
  /** Generations that are, or have been, carried out: a list may be older. */
  const taken = new Map<string, number>();
  const hadPod = new Set<string>();
  const away = new Set<string>();
  let replaced: string[] = [];
  let awayMax = 0;

  function say(name: string, said: object, progress: string): Promise<unknown> {
    const status = { ...said, conditions: [{ type: 'Progressing', status: 'True', reason: progress }] };
    return api.mergePatch(deployment, ref(name), { status }, { subresource: 'status' });
  }

  function ref(name: string) {
    return { namespace: namespace.name, name };
  }

  async function endPods(camera: string): Promise<void> {
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
      away.add(camera);
      replaced.push(camera);
      awayMax = Math.max(awayMax, away.size);
    }
    await endPods(camera);
    await say(
      name,
      { observedGeneration, replicas: 0, updatedReplicas: 0, readyReplicas: 0 },
      'NewReplicaSetCreated',
    );
    await pause(startMs, monotonicClock, stopping.signal);
    if (spec.replicas === 0) return;
    const isBroken = spec.template.spec.containers.some(({ image }) => image === brokenImage);
    await namespace.createPod(camera, isBroken ? broken(brokenImage) : undefined);
    const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: isBroken ? 0 : 1 };
    await say(name, counts, isBroken ? 'ReplicaSetUpdated' : 'NewReplicaSetAvailable');
    if (isBroken) return;
    hadPod.add(camera);
    away.delete(camera);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const { items } = await api.list<CameraDeployment>(deployment, { namespace: namespace.name });
      for (const item of items) {
        const { name, generation = 0 } = item.metadata;
        if (working.has(name) || generation <= (taken.get(name) ?? 0)) continue;
        taken.set(name, generation);
        working.set(
          name,
          replace(item).finally(() => working.delete(name)),
        );
      }
      await pause(lookEveryMs, monotonicClock, stopping.signal);
    }
    await Promise.all(working.values());
  }

  const running = run();
  return {
    get replaced() {
      return replaced;
    },
    get awayMax() {
      return awayMax;
    },
    reset() {
      replaced = [];
      awayMax = 0;
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
