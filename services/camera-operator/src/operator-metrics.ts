import { cameraResourcePhaseSchema } from '@camplane/contracts/camera-resource';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { Metrics } from '@camplane/service-kit/metrics';
import type { Caches } from './gather/caches.ts';

export type OperatorMetrics = {
  reconciled(result: 'done' | 'conflict' | 'failed', seconds: number): void;
};

export function createOperatorMetrics(
  metrics: Metrics,
  sources: { caches: Caches; queueDepth(): number; isLeader(): boolean; camerasToReplace(): number },
): OperatorMetrics {
  const { caches, queueDepth, isLeader, camerasToReplace } = sources;
  const reconciled = metrics.histogram({
    name: 'camplane_operator_reconcile_duration_seconds',
    help: 'Duration of one reconcile of a camera, by result.',
    labelNames: ['result'],
    buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.5, 1, 5, 30],
  });
  metrics.gauge({
    name: 'camplane_operator_queue_keys',
    help: 'Cameras in the work queue that are due.',
    collect() {
      this.set(queueDepth());
    },
  });
  metrics.gauge({
    name: 'camplane_operator_cameras_to_replace',
    help: 'Cameras whose pods wait to be replaced after a change of the installation.',
    collect() {
      this.set(camerasToReplace());
    },
  });
  metrics.gauge({
    name: 'camplane_operator_leading',
    help: '1 if this replica is the leader, else 0.',
    collect() {
      this.set(isLeader() ? 1 : 0);
    },
  });
  metrics.gauge({
    name: 'camplane_operator_watch_staleness_seconds',
    help: 'Time since the last watch event or bookmark, by resource.',
    labelNames: ['resource'],
    collect() {
      for (const [resource, cache] of Object.entries(caches)) {
        this.set({ resource }, cache.staleMs() / 1000);
      }
    },
  });
  metrics.gauge({
    name: 'camplane_operator_cameras',
    help: 'Cameras in the namespace, by phase.',
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
