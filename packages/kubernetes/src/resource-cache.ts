import type { KubernetesObject } from './kubernetes-object.ts';

/** A local copy of one kind of resource in a namespace, kept by list and watch. */
export type ResourceCache<T extends KubernetesObject> = {
  get(name: string): T | undefined;
  list(): readonly T[];
  /** Whether the first list is complete. Until then absence means nothing. */
  readonly synced: boolean;
  /** Resolves when `synced`; rejects when the signal is aborted. */
  whenSynced(signal: AbortSignal): Promise<void>;
  /** Calls the listener with the name of each added, changed or removed object. Returns an unsubscribe function. */
  subscribe(listener: (name: string) => void): () => void;
  /** Milliseconds since the last list, event or bookmark, for the staleness metric. */
  staleMs(): number;
  /** Why the cache may be stale; null while it is current. */
  readonly staleReason: string | null;
  /** Lists and watches until the signal is aborted. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};
