import { cameraResourcePhaseSchema } from '@camplane/contracts/camera-resource';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { Metrics } from '@camplane/service-kit/metrics';
import type { Caches } from './gather/caches.ts';

export type OperatorMetrics = {
  reconciled(result: 'done' | 'conflict' | 'failed', seconds: number): void;
};

/** The operator's metrics. What is counted elsewhere is read when it is asked for. */
export function createOperatorMetrics(
  metrics: Metrics,
  sources: { caches: Caches; queueDepth(): number; leads(): boolean; camerasToReplace(): number },
): OperatorMetrics {
  const { caches, queueDepth, leads, camerasToReplace } = sources;
  const reconciled = metrics.histogram({
    name: 'camplane_operator_reconcile_duration_seconds',
    help: 'Looks at a camera: reading, deciding, writing; by how they ended.',
    labelNames: ['result'],
    buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.5, 1, 5, 30],
  });
  metrics.gauge({
    name: 'camplane_operator_queue_keys',
    help: 'Cameras that are due to be looked at and wait.',
    collect() {
      this.set(queueDepth());
    },
  });
  metrics.gauge({
    name: 'camplane_operator_cameras_to_replace',
    help: 'Cameras whose pods wait for their turn to be replaced, since the installation has changed.',
    collect() {
      this.set(camerasToReplace());
    },
  });
  metrics.gauge({
    name: 'camplane_operator_leading',
    help: '1 where this operator leads: it alone writes.',
    collect() {
      this.set(leads() ? 1 : 0);
    },
  });
  metrics.gauge({
    name: 'camplane_operator_watch_staleness_seconds',
    help: 'Since the API server last said anything of a kind of resource; a bookmark comes about every minute.',
    labelNames: ['resource'],
    collect() {
      for (const [resource, cache] of Object.entries(caches)) {
        this.set({ resource }, cache.staleMs() / 1000);
      }
    },
  });
  metrics.gauge({
    name: 'camplane_operator_cameras',
    help: 'Cameras of the namespace by phase; without one: nothing was observed yet.',
    labelNames: ['phase'],
    collect() {
      const counts = new Map<string, number>(
        [...cameraResourcePhaseSchema.options, 'Unknown'].map((p) => [p, 0]),
      );
      for (const camera of caches.cameras.list()) {
        const phase = phaseOf(camera);
        counts.set(phase, (counts.get(phase) ?? 0) + 1);
      }
      for (const [phase, count] of counts) this.set({ phase }, count);
    },
  });
  return {
    reconciled: (result, seconds) => reconciled.observe({ result }, seconds),
  };
}

function phaseOf(camera: KubernetesObject): string {
  const { status } = camera as { status?: { phase?: unknown } };
  const phase = cameraResourcePhaseSchema.safeParse(status?.phase);
  return phase.success ? phase.data : 'Unknown';
}
