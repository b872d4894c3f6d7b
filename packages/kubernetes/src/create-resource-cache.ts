import { raceAbort } from '@camplane/runtime/abort';
import type { Clock } from '@camplane/runtime/clock';
import { messageOf } from '@camplane/runtime/message-of';
import { pause } from '@camplane/runtime/pause';
import type { KubernetesApi, ListOptions, WatchEvent } from './kubernetes-api.ts';
import { KubernetesError } from './kubernetes-error.ts';
import type { KubernetesObject, ResourceType } from './kubernetes-object.ts';
import type { ResourceCache } from './resource-cache.ts';

/** The part of a logger that the cache needs. */
export type CacheLog = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
};

export type ResourceCacheOptions<T extends KubernetesObject = KubernetesObject> = ListOptions & {
  api: Pick<KubernetesApi, 'list' | 'watch'>;
  type: ResourceType;
  log: CacheLog;
  clock: Clock;
  random?: () => number;
  /** Reduces an object to what is needed, to save memory. May modify it. */
  keep?: (object: T) => T;
  /** Lists again after this time without an event; the API's own limit by default. */
  silenceMaxMs?: number;
  backoff?: { baseMs: number; maxMs: number };
};

/** A watch that ends sooner than this without an event has failed. */
const watchMinMs = 1_000;
const defaultBackoff = { baseMs: 250, maxMs: 30_000 };

/** `runOnce` lists, then watches until something fails; `run` repeats it with backoff. */
export function createResourceCache<T extends KubernetesObject>(
  options: ResourceCacheOptions<T>,
): ResourceCache<T> & { runOnce(signal: AbortSignal): Promise<void> } {
  const { api, type, log, clock, random = Math.random, silenceMaxMs, backoff = defaultBackoff } = options;
  const { namespace, labelSelector, fieldSelector, metadataOnly, keep = (object: T) => object } = options;
  const selection: ListOptions = {
    namespace,
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(metadataOnly === undefined ? {} : { metadataOnly }),
  };
  let objects = new Map<string, T>();
  const listeners = new Set<(name: string) => void>();
  const firstSync = Promise.withResolvers<void>();
  let isSynced = false;
  let lastEventMs = clock.now();
  let staleReason: string | null = 'not listed yet';
  let failures = 0;

  function notify(name: string): void {
    for (const listener of listeners) listener(name);
  }

  /** Also notifies about objects that vanished between two lists, for which there was no event. */
  function replaceAll(items: T[]): void {
    const before = objects;
    objects = new Map(items.map((item) => [item.metadata.name, keep(withoutManagedFields(item))]));
    lastEventMs = clock.now();
    isSynced = true;
    staleReason = null;
    firstSync.resolve();
    for (const name of before.keys()) if (!objects.has(name)) notify(name);
    for (const [name, object] of objects) if (!isSame(before.get(name), object)) notify(name);
  }

  function applyEvent(event: Exclude<WatchEvent<T>, { type: 'BOOKMARK' }>): void {
    const { name } = event.object.metadata;
    if (event.type === 'DELETED') objects.delete(name);
    else objects.set(name, keep(withoutManagedFields(event.object)));
    notify(name);
  }

  async function runOnce(signal: AbortSignal): Promise<void> {
    const list = await api.list<T>(type, selection, signal);
    replaceAll(list.items);
    let { resourceVersion } = list;
    while (!signal.aborted) {
      const startedMs = clock.now();
      let events = 0;
      const onEvent = (event: WatchEvent<T>) => {
        lastEventMs = clock.now();
        events += 1;
        failures = 0;
        if (event.type === 'BOOKMARK') {
          ({ resourceVersion } = event);
        } else {
          resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion;
          applyEvent(event);
        }
      };
      const watched = {
        ...selection,
        resourceVersion,
        ...(silenceMaxMs === undefined ? {} : { silenceMaxMs }),
      };
      await api.watch<T>(type, watched, onEvent, signal);
      if (events === 0 && clock.now() - startedMs < watchMinMs && !signal.aborted) {
        throw new KubernetesError('unavailable', `the watch of ${type.plural} ended immediately`);
      }
      lastEventMs = clock.now();
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await runOnce(signal);
      } catch (error) {
        if (signal.aborted) return;
        staleReason = messageOf(error);
        if (isSilence(error)) {
          // Normal for a resource that rarely changes, so without delay and warning.
          failures = 0;
          continue;
        }
        failures += 1;
        const delayMs = Math.max(backoffMs(failures, backoff, random), retryAfterMsOf(error));
        // An expired version is normal. Log an outage once.
        if (!isGone(error) && failures === 1) {
          log.warn({ resource: type.plural, reason: staleReason, delayMs }, 'watch failed, restarting it');
        }
        await pause(delayMs, clock, signal);
      }
    }
  }

  return {
    get: (name) => objects.get(name),
    list: () => [...objects.values()],
    get synced() {
      return isSynced;
    },
    whenSynced: (signal) => raceAbort(firstSync.promise, signal),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    staleMs: () => Math.max(0, clock.now() - lastEventMs),
    get staleReason() {
      return staleReason;
    },
    runOnce,
    run,
  };
}

/** managedFields is about half of an object's size and not needed. */
function withoutManagedFields<T extends KubernetesObject>(object: T): T {
  delete object.metadata.managedFields;
  return object;
}

function isSame(before: KubernetesObject | undefined, after: KubernetesObject): boolean {
  return (
    before !== undefined &&
    before.metadata.uid === after.metadata.uid &&
    before.metadata.resourceVersion === after.metadata.resourceVersion
  );
}

/** Exponential with "equal jitter", so that caches that failed together do not retry together. */
function backoffMs(
  failures: number,
  backoff: { baseMs: number; maxMs: number },
  random: () => number,
): number {
  const plain = Math.min(backoff.maxMs, backoff.baseMs * 2 ** Math.min(20, failures - 1));
  return Math.round(plain / 2 + (plain / 2) * random());
}

function isSilence(error: unknown): boolean {
  return error instanceof KubernetesError && error.kind === 'silent';
}

function isGone(error: unknown): boolean {
  return error instanceof KubernetesError && error.kind === 'gone';
}

function retryAfterMsOf(error: unknown): number {
  return error instanceof KubernetesError ? (error.retryAfterMs ?? 0) : 0;
}
