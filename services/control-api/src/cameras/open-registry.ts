import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import { CamplaneError } from '@camplane/contracts/problem';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import type { ReadinessResult } from '@camplane/service-kit/health';
import type { Logger } from '@camplane/service-kit/logging';
import { loadCredentialsKeys } from '../credentials/load-keys.ts';
import type { CredentialsKeyConfig, CredentialsKeys } from '../credentials/load-keys.ts';
import { createStoredCredentials } from '../credentials/stored-credentials.ts';
import type { Store } from '../store/store.ts';
import { createClusterRegistry } from './cluster-registry.ts';
import { createDatabaseRegistry } from './database-registry.ts';
import type { CameraRegistry } from './registry.ts';

/** A cluster and the namespace of the cameras. */
export type Cluster = { api: KubernetesApi; namespace: string };

/** A registry behind one interface for both implementations. */
export type OpenRegistry = {
  registry: CameraRegistry;
  /** Loads the key of stored credentials, where there is one. @throws StartupError with the remedy */
  prepare(): void;
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
  credentials: CredentialsKeyConfig;
  maxCameras: number;
  now: () => Date;
  log: Logger;
}): OpenRegistry {
  const { cluster, credentials, ...rest } = deps;
  if (cluster === undefined) {
    let keys: CredentialsKeys | undefined;
    const storedCredentials = createStoredCredentials(() => {
      if (!keys)
        throw new CamplaneError('store-unavailable', 'The key of stored passwords is not loaded yet');
      return keys;
    });
    const registry = createDatabaseRegistry({ ...rest, storedCredentials });
    return {
      registry,
      prepare: () => {
        keys = loadCredentialsKeys(credentials);
        warnOfPlainCopies(credentials.dataDir, rest.log);
      },
      run: () => () => Promise.resolve(),
      resync: () => registry.resync(),
      observed: () => undefined,
      onObserved: () => {},
    };
  }
  const registry = createClusterRegistry({ ...rest, ...cluster });
  return {
    registry,
    // Credentials are in Secrets.
    prepare: () => {},
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

/** The import of version 0.1's database keeps its folder, in which passwords are plain. */
function warnOfPlainCopies(dataDir: string, log: Pick<Logger, 'warn'>): void {
  if (!existsSync(dataDir)) return;
  for (const name of readdirSync(dataDir).filter((entry) => entry.startsWith('database.pglite'))) {
    log.warn(
      { folder: join(dataDir, name) },
      'the folder of an imported database has camera passwords in plain text, delete it',
    );
  }
}
