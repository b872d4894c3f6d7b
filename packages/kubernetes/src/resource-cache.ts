import type { KubernetesObject } from './kubernetes-object.ts';

/** A kind of resource of a namespace, followed by list and watch. Level-driven: the cache is the truth as last seen. */
export type ResourceCache<T extends KubernetesObject> = {
  get(name: string): T | undefined;
  list(): readonly T[];
  /** Whether it has been listed once. Until then nothing may be concluded from absence. */
  readonly synced: boolean;
  /** Resolves when `synced`; rejects when the signal is aborted. */
  whenSynced(signal: AbortSignal): Promise<void>;
  /** Hears the name of what was added, changed or removed, after the cache has it. Returns the unsubscription. */
  subscribe(listener: (name: string) => void): () => void;
  /** Milliseconds since the server last said anything (an event, a bookmark, a list): the staleness metric. */
  staleMs(): number;
  /** Why it is not up to date, in words; null while it is. */
  readonly trouble: string | null;
  /** Lists and watches until the signal; never rejects. */
  run(signal: AbortSignal): Promise<void>;
};
