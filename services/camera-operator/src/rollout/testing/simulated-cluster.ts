import { workloadName } from '@camplane/contracts/camera-workload';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { decide } from '../../decide/decide.ts';
import type { OperatorSettings } from '../../decide/operator-settings.ts';
import { labelsOf } from '../../decide/ownership.ts';
import type { Pod } from '../../decide/pod.ts';
import { cameraObject, podObject, running, worldOf } from '../../decide/testing/camera-world.ts';
import { carryOut } from '../../decide/testing/carry-out.ts';
import type { CameraPlan } from '../../plan.ts';
import type { CameraWorld } from '../../world.ts';
import { createRollout } from '../rollout.ts';

type Parts = Pick<CameraWorld, 'camera' | 'deployment' | 'service' | 'configMap' | 'pods'>;
type Template = KubernetesObject & {
  spec?: { template?: unknown };
  status?: { observedGeneration?: number };
};

/**
 * Cameras as a cluster has them, and as an operator's caches show them, each camera's Deployment and pods at a time of
 * its own. Writes arrive when they are told to. Every pod is ready at first.
 */
export function createSimulatedCluster(names: readonly string[], settings: OperatorSettings) {
  const clock = createSimulatedClock(Date.parse('2026-11-21T12:00:00Z'));
  const server = new Map<string, Parts>();
  const cache = new Map<string, Parts>();
  const inFlight = new Map<string, CameraPlan>();
  /** Whose ready pod a change of the installation has ended, and who have had no ready one since. */
  const away = new Set<string>();
  const replaced: string[] = [];
  const generations = new Map<string, number>();

  for (const name of names) {
    const world = worldFor(name, { camera: namedCamera(name, {}), ...nothing });
    const made = carryOut(world, decide(world, settings));
    server.set(name, { ...made, pods: [podOf(name, 0, running)] });
    ready(name);
    cache.set(name, partsOf(name));
  }

  function partsOf(name: string): Parts {
    const parts = server.get(name);
    if (!parts) throw new Error(`there is no ${name}`);
    return parts;
  }

  function put(name: string, parts: Partial<Parts>): void {
    server.set(name, { ...partsOf(name), ...parts });
  }

  function worldFor(name: string, parts: Parts): CameraWorld {
    return { ...worldOf(parts), name, nowMs: clock.now() };
  }

  /** What the Deployment's controller says. */
  function say(name: string, said: object, progress: string): void {
    const { deployment } = partsOf(name);
    if (!deployment) return;
    const conditions = [{ type: 'Progressing', status: 'True', reason: progress }];
    const status = { observedGeneration: deployment.metadata.generation, conditions, ...said };
    put(name, { deployment: { ...deployment, ...{ status } } });
  }

  function ready(name: string): void {
    say(name, { replicas: 1, updatedReplicas: 1, readyReplicas: 1 }, 'NewReplicaSetAvailable');
    away.delete(name);
  }

  function carry(name: string, plan: CameraPlan): void {
    const before = partsOf(name);
    const after = carryOut(worldFor(name, before), plan);
    const [old, next] = [before.deployment, after.deployment];
    const isOther = templateOf(old) !== templateOf(next);
    if (isOther) {
      replaced.push(name);
      const [pod] = before.pods as Pod[];
      const wasReady = pod?.status?.conditions?.[0]?.status === 'True';
      if (plan.replacement === 'replaces' && wasReady) away.add(name);
    }
    const generation = (old?.metadata.generation ?? 0) + (isOther ? 1 : 0);
    // What is applied no more is taken away.
    const applied = plan.apply.find(({ object }) => object.kind === 'Deployment')?.object;
    const annotations = applied?.metadata.annotations ?? next?.metadata.annotations;
    const metadata = { ...next?.metadata, generation, annotations } as KubernetesObject['metadata'];
    const deployment = next && { ...next, metadata, ...{ status: statusOf(old) } };
    put(name, { configMap: after.configMap, service: after.service, deployment });
  }

  return {
    clock,
    away,
    /** In the order of the writes. */
    replaced,
    /** An operator of these settings that has just begun to lead. */
    operator(newest: OperatorSettings, installation: string, most: number) {
      const due = new Set(names);
      const log: { level: string; message: string; fields: object }[] = [];
      const rollout = createRollout({
        ...{ installation, maxUnavailable: { count: most }, clock, wallClock: clock },
        deployments: {
          get: (name) => cache.get(name.slice(workloadName('').length))?.deployment ?? undefined,
          list: () => [...cache.values()].flatMap(({ deployment }) => (deployment ? [deployment] : [])),
        },
        pods: { podsOf: (name) => [...(cache.get(name)?.pods ?? [])] },
        decide: (world) => decide(world, newest),
        wake: (name) => due.add(name),
        log: {
          info: (fields: object, message: string) => void log.push({ level: 'info', fields, message }),
          warn: (fields: object, message: string) => void log.push({ level: 'warn', fields, message }),
        } as unknown as Parameters<typeof createRollout>[0]['log'],
      });
      return {
        ...{ due, log, rollout },
        /** Decides of a camera as the caches show it; its write is on the way. */
        look(name: string): CameraPlan | null {
          due.delete(name);
          const parts = cache.get(name);
          if (inFlight.has(name) || !parts) return null;
          const plan = rollout.decide(worldFor(name, parts));
          if (plan.apply.length > 0) inFlight.set(name, plan);
          return plan;
        },
        /** How the write ends: done, refused, or done and the answer lost. */
        land(name: string, end: 'done' | 'refused' | 'lost' = 'done'): void {
          const plan = inFlight.get(name);
          if (!plan) return;
          inFlight.delete(name);
          if (end !== 'refused') carry(name, plan);
          if (end === 'done') return;
          due.add(name);
          const status = end === 'refused' ? { status: 403 } : {};
          rollout.failed(name, new KubernetesError('unavailable', end, status));
        },
      };
    },
    /** The operator is gone; what it has sent arrives. */
    kill(): void {
      for (const [name, plan] of inFlight) carry(name, plan);
      inFlight.clear();
    },
    /** The controller ends the pod before, and makes the next. */
    replacePod(name: string, status: Pod['status'] & object = starting): void {
      if (isObserved(partsOf(name).deployment)) return;
      const generation = partsOf(name).deployment?.metadata.generation ?? 0;
      put(name, { pods: [podOf(name, generation, status)] });
      say(name, { replicas: 1, updatedReplicas: 1 }, 'ReplicaSetUpdated');
    },
    /** The newest pod is ready, if it can be. */
    makeReady(name: string): void {
      const { deployment, pods } = partsOf(name);
      const [pod] = pods as Pod[];
      if (!pod || pod.status === broken || !isObserved(deployment)) return;
      const isReady: Pod = { ...pod, status: running };
      put(name, { pods: [isReady] });
      ready(name);
    },
    /** A camera that gives no video: nothing is lost with its pod. */
    switchOff(name: string): void {
      const [pod] = partsOf(name).pods as Pod[];
      const conditions = [{ type: 'Ready', status: 'False' }];
      if (!pod) return;
      const dark: Pod = { ...pod, status: { ...pod.status, conditions } };
      put(name, { pods: [dark] });
    },
    /** Somebody changes the camera, in a way that needs another pod. */
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

const nothing = { deployment: null, service: null, configMap: null, pods: [] };
const starting: Pod['status'] & object = {
  phase: 'Pending',
  conditions: [{ type: 'Ready', status: 'False' }],
  containerStatuses: [{ name: 'camera-service', started: false, state: { running: {} } }],
};

/** Its image is not there. */
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
