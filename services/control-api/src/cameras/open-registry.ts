import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import type { ReadinessResult } from '@camplane/service-kit/health';
import type { Logger } from '@camplane/service-kit/logging';
import type { Store } from '../store/store.ts';
import { createClusterRegistry } from './cluster-registry.ts';
import { createDatabaseRegistry } from './database-registry.ts';
import type { CameraRegistry } from './registry.ts';

/** A cluster and the namespace of the cameras. */
export type Cluster = { api: KubernetesApi; namespace: string };

/** A registry behind one interface for both implementations. */
export type OpenRegistry = {
  registry: CameraRegistry;
  /** Starts to watch for changes by others. @returns stops the watch */
  run(): () => Promise<void>;
  /** Looks for changes by others that were missed. */
  resync(): Promise<void>;
  /** Readiness; absent if the check of the database covers it. */
  check?: () => ReadinessResult;
  /** What the operator observed of a camera. */
  observed(id: string): CameraResourceStatus | undefined;
  onObserved(listener: (id: string) => void): void;
};

export function openRegistry(deps: {
  cluster: Cluster | undefined;
  store: Pick<Store, 'use'>;
  maxCameras: number;
  now: () => Date;
  log: Logger;
}): OpenRegistry {
  const { cluster, ...rest } = deps;
  if (cluster === undefined) {
    const registry = createDatabaseRegistry(rest);
    return {
      registry,
      run: () => () => Promise.resolve(),
      resync: () => registry.resync(),
      observed: () => undefined,
      onObserved: () => {},
    };
  }
  const registry = createClusterRegistry({ ...rest, ...cluster });
  return {
    registry,
    run: () => {
      const stopping = new AbortController();
      const running = registry.run(stopping.signal);
      return () => {
        stopping.abort();
        return running;
      };
    },
    resync: () => registry.resync(),
    check: () => {
      const reason = registry.notReady();
      return reason === undefined ? { ok: true } : { ok: false, reason };
    },
    observed: (id) => registry.observed(id),
    onObserved: (listener) => void registry.onObserved(listener),
  };
}
