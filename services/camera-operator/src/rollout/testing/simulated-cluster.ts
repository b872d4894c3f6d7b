import { workloadName } from '@camplane/contracts/camera-workload';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import type { SimulatedClock } from '@camplane/runtime/simulated-clock';
import { decide } from '../../decide/decide.ts';
import type { OperatorSettings } from '../../decide/operator-settings.ts';
import { labelsOf } from '../../decide/ownership.ts';
import type { Pod } from '../../decide/pod.ts';
import { cameraObject, podObject, running, worldOf } from '../../decide/testing/camera-world.ts';
import { applyToWorld } from '../../decide/testing/apply-to-world.ts';
import type { CameraPlan } from '../../plan.ts';
import type { CameraWorld } from '../../world.ts';
import { createRollout } from '../rollout.ts';

type Parts = Pick<CameraWorld, 'camera' | 'deployment' | 'service' | 'configMap' | 'pods'>;
type Template = KubernetesObject & {
  spec?: { template?: unknown };
  status?: { observedGeneration?: number };
};

/**
 * Cameras on a simulated API server and in an operator's caches. Tests control when writes arrive and when the caches
 * show Deployments and pods. Every pod is ready at first.
 */
export function createSimulatedCluster(names: readonly string[], settings: OperatorSettings) {
  const clock = createSimulatedClock(Date.parse('2026-11-21T12:00:00Z'));
  const server = new Map<string, Parts>();
  const cache = new Map<string, Parts>();
  const inFlight = new Map<string, CameraPlan>();
  /** Cameras whose ready pod a rollout has replaced, without a ready pod since. */
  const unavailable = new Set<string>();
  const replaced: string[] = [];
  const generations = new Map<string, number>();

  for (const name of names) {
    const world = worldFor(name, { camera: namedCamera(name, {}), ...emptyParts });
    const created = applyToWorld(world, decide(world, settings));
    server.set(name, { ...created, pods: [podOf(name, 0, running)] });
    setReady(name);
    cache.set(name, partsOf(name));
  }

  function partsOf(name: string): Parts {
    const parts = server.get(name);
    if (!parts) throw new Error(`unknown camera ${name}`);
    return parts;
  }

  function put(name: string, parts: Partial<Parts>): void {
    server.set(name, { ...partsOf(name), ...parts });
  }

  function worldFor(name: string, parts: Parts): CameraWorld {
    return { ...worldOf(parts), name, nowMs: clock.now() };
  }

  /** Writes the status as the Deployment controller does. */
  function setStatus(name: string, counts: object, progress: string): void {
    const { deployment } = partsOf(name);
    if (!deployment) return;
    const conditions = [{ type: 'Progressing', status: 'True', reason: progress }];
    const status = { observedGeneration: deployment.metadata.generation, conditions, ...counts };
    put(name, { deployment: { ...deployment, ...{ status } } });
  }

  function setReady(name: string): void {
    setStatus(name, { replicas: 1, updatedReplicas: 1, readyReplicas: 1 }, 'NewReplicaSetAvailable');
    unavailable.delete(name);
  }

  function applyPlan(name: string, plan: CameraPlan): void {
    const before = partsOf(name);
    const after = applyToWorld(worldFor(name, before), plan);
    const [old, next] = [before.deployment, after.deployment];
    const isReplaced = templateOf(old) !== templateOf(next);
    if (isReplaced) {
      replaced.push(name);
      const [pod] = before.pods as Pod[];
      const wasReady = pod?.status?.conditions?.[0]?.status === 'True';
      if (plan.replacement === 'replaces' && wasReady) unavailable.add(name);
    }
    const deployment = next && withMetadata(next, old, plan, isReplaced);
    put(name, { configMap: after.configMap, service: after.service, deployment });
  }

  const view = { names, clock, cache, inFlight, worldFor, applyPlan };
  return {
    clock,
    unavailable,
    /** In the order of the writes. */
    replaced,
    operator: (newest: OperatorSettings, installation: string, max: number) =>
      createSimulatedOperator(view, { settings: newest, installation, max }),
    /** Kills the operator. Writes in flight still arrive. */
    kill(): void {
      for (const [name, plan] of inFlight) applyPlan(name, plan);
      inFlight.clear();
    },
    /** The controller replaces the pod. */
    replacePod(name: string, status: Pod['status'] & object = starting): void {
      if (isObserved(partsOf(name).deployment)) return;
      const generation = partsOf(name).deployment?.metadata.generation ?? 0;
      put(name, { pods: [podOf(name, generation, status)] });
      setStatus(name, { replicas: 1, updatedReplicas: 1 }, 'ReplicaSetUpdated');
    },
    /** Makes the newest pod ready, unless it is broken. */
    makeReady(name: string): void {
      const { deployment, pods } = partsOf(name);
      const [pod] = pods as Pod[];
      if (!pod || pod.status === broken || !isObserved(deployment)) return;
      const isReady: Pod = { ...pod, status: running };
      put(name, { pods: [isReady] });
      setReady(name);
    },
    /** Makes a camera's pod not ready, as without video. */
    switchOff(name: string): void {
      const [pod] = partsOf(name).pods as Pod[];
      const conditions = [{ type: 'Ready', status: 'False' }];
      if (!pod) return;
      const notReady: Pod = { ...pod, status: { ...pod.status, conditions } };
      put(name, { pods: [notReady] });
    },
    /** Changes the camera so that it needs another pod. */
    edit(name: string): void {
      const generation = (generations.get(name) ?? 1) + 1;
      generations.set(name, generation);
      const mode = generation % 2 === 0 ? 'overlay' : 'copy';
      const camera = namedCamera(name, { video: { mode } }, generation);
      put(name, { camera });
      cache.set(name, { ...partsOf(name), ...cache.get(name), camera });
    },
    show(name: string, what: 'deployment' | 'pods' | 'all'): void {
      const { pods, ...rest } = partsOf(name);
      const before = cache.get(name) ?? partsOf(name);
      cache.set(name, {
        ...before,
        ...(what === 'pods' ? {} : rest),
        ...(what === 'deployment' ? {} : { pods }),
      });
    },
    deploymentOf: (name: string) => partsOf(name).deployment,
  };
}

type OperatorView = {
  names: readonly string[];
  clock: SimulatedClock;
  cache: ReadonlyMap<string, Parts>;
  inFlight: Map<string, CameraPlan>;
  worldFor(name: string, parts: Parts): CameraWorld;
  applyPlan(name: string, plan: CameraPlan): void;
};

/** An operator that has just become leader. */
function createSimulatedOperator(
  { names, clock, cache, inFlight, worldFor, applyPlan }: OperatorView,
  { settings, installation, max }: { settings: OperatorSettings; installation: string; max: number },
) {
  const due = new Set(names);
  const log: { level: string; message: string; fields: object }[] = [];
  const rollout = createRollout({
    ...{ installation, maxUnavailable: { count: max }, clock, wallClock: clock },
    deployments: {
      get: (name) => cache.get(name.slice(workloadName('').length))?.deployment ?? undefined,
      list: () => [...cache.values()].flatMap(({ deployment }) => (deployment ? [deployment] : [])),
    },
    pods: { podsOf: (name) => [...(cache.get(name)?.pods ?? [])] },
    decide: (world) => decide(world, settings),
    enqueue: (name) => due.add(name),
    log: {
      info: (fields: object, message: string) => void log.push({ level: 'info', fields, message }),
      warn: (fields: object, message: string) => void log.push({ level: 'warn', fields, message }),
    } as unknown as Parameters<typeof createRollout>[0]['log'],
  });
  return {
    ...{ due, log, rollout },
    /** Decides a camera from the caches and starts its write. */
    reconcile(name: string): CameraPlan | null {
      due.delete(name);
      const parts = cache.get(name);
      if (inFlight.has(name) || !parts) return null;
      const plan = rollout.decide(worldFor(name, parts));
      if (plan.apply.length > 0) inFlight.set(name, plan);
      return plan;
    },
    /** Completes the write: done, rejected, or done with a lost response. */
    complete(name: string, end: 'done' | 'rejected' | 'lost' = 'done'): void {
      const plan = inFlight.get(name);
      if (!plan) return;
      inFlight.delete(name);
      if (end !== 'rejected') applyPlan(name, plan);
      if (end === 'done') return;
      due.add(name);
      const status = end === 'rejected' ? { status: 403 } : {};
      rollout.failed(name, new KubernetesError('unavailable', end, status));
    },
  };
}

/** The Deployment as the server stores it after an apply. */
function withMetadata(
  next: KubernetesObject,
  old: KubernetesObject | null,
  plan: CameraPlan,
  isReplaced: boolean,
): KubernetesObject {
  const generation = (old?.metadata.generation ?? 0) + (isReplaced ? 1 : 0);
  // Annotations that are no longer applied are removed.
  const applied = plan.apply.find(({ object }) => object.kind === 'Deployment')?.object;
  const annotations = applied?.metadata.annotations ?? next.metadata.annotations;
  const metadata = { ...next.metadata, generation, annotations } as KubernetesObject['metadata'];
  return { ...next, metadata, ...{ status: statusOf(old) } };
}

const emptyParts = { deployment: null, service: null, configMap: null, pods: [] };
const starting: Pod['status'] & object = {
  phase: 'Pending',
  conditions: [{ type: 'Ready', status: 'False' }],
  containerStatuses: [{ name: 'camera-service', started: false, state: { running: {} } }],
};

/** A pod with a missing image. */
export const broken: Pod['status'] & object = {
  phase: 'Pending',
  conditions: [{ type: 'Ready', status: 'False' }],
  containerStatuses: [
    { name: 'camera-service', started: false, state: { waiting: { reason: 'ImagePullBackOff' } } },
  ],
};

function namedCamera(name: string, spec: object, generation = 1): KubernetesObject {
  const camera = cameraObject({ source: { url: 'rtsp://192.0.2.10/stream1' }, ...spec }, { generation });
  return { ...camera, metadata: { ...camera.metadata, name } };
}

function podOf(camera: string, generation: number, status: Pod['status'] & object): Pod {
  const name = `camera-${camera}-${generation}`;
  const creationTimestamp = '2026-11-21T12:00:00Z';
  return { ...podObject({}, { name, uid: name, labels: labelsOf(camera), creationTimestamp }), status };
}

function templateOf(deployment: KubernetesObject | null): string {
  const { spec } = (deployment ?? {}) as Partial<Template>;
  return JSON.stringify(spec?.template);
}

function statusOf(deployment: KubernetesObject | null): Template['status'] {
  return ((deployment ?? {}) as Partial<Template>).status;
}

function isObserved(deployment: KubernetesObject | null): boolean {
  return statusOf(deployment)?.observedGeneration === deployment?.metadata.generation;
}
