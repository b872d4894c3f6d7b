import type { KubernetesObject, ResourceType } from './kubernetes-object.ts';

/** Where an object is. */
export type ObjectRef = { namespace: string; name: string };

export type ListOptions = {
  namespace: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Only the objects' metadata is sent (PartialObjectMetadata): a Secret's values never enter this process. */
  metadataOnly?: boolean;
};

export type ObjectList<T> = { resourceVersion: string; items: T[] };

export type WatchEvent<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  /** Nothing changed up to this version. */
  | { type: 'BOOKMARK'; resourceVersion: string };

/**
 * Requests to a cluster's API. Each has a time limit, races `signal`, and throws KubernetesError
 * (`kubernetes-error.ts`) for every other outcome than its result. None retries: callers loop.
 */
export type KubernetesApi = {
  /** `undefined` where there is none. */
  get<T extends KubernetesObject>(
    type: ResourceType,
    ref: ObjectRef,
    signal?: AbortSignal,
  ): Promise<T | undefined>;
  /** All of them, read a page at a time. */
  list<T extends KubernetesObject>(
    type: ResourceType,
    options: ListOptions,
    signal?: AbortSignal,
  ): Promise<ObjectList<T>>;
  /**
   * Changes from a version on, until the server ends the watch (then it returns), the signal is aborted, or
   * nothing (no bookmark either) has come for `silenceMaxMs` (then it throws, as for every failure).
   * @throws KubernetesError `gone`: list anew
   */
  watch<T extends KubernetesObject>(
    type: ResourceType,
    options: ListOptions & { resourceVersion: string; silenceMaxMs?: number },
    onEvent: (event: WatchEvent<T>) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** @throws KubernetesError `already-exists` */
  create<T extends KubernetesObject>(
    type: ResourceType,
    object: T,
    options?: { fieldManager?: string; dryRun?: boolean },
    signal?: AbortSignal,
  ): Promise<T>;
  /** With the object's `resourceVersion` in it, a change that came in between is KubernetesError `conflict`. */
  replace<T extends KubernetesObject>(type: ResourceType, object: T, signal?: AbortSignal): Promise<T>;
  /** Server-side apply of the fields that the object has; made if it is not there. */
  apply<T extends KubernetesObject>(
    type: ResourceType,
    object: KubernetesObject,
    options: { fieldManager: string; force?: boolean; dryRun?: boolean; subresource?: 'status' },
    signal?: AbortSignal,
  ): Promise<T>;
  /** JSON merge patch (RFC 7386): null removes. */
  mergePatch<T extends KubernetesObject>(
    type: ResourceType,
    ref: ObjectRef,
    patch: object,
    options?: { fieldManager?: string; subresource?: 'status' },
    signal?: AbortSignal,
  ): Promise<T>;
  /** Resolves to `false` where there was none. With `uid`, another object of that name is left alone (`conflict`). */
  remove(
    type: ResourceType,
    ref: ObjectRef,
    options?: { uid?: string; propagation?: 'Foreground' | 'Background' | 'Orphan' },
    signal?: AbortSignal,
  ): Promise<boolean>;
  /** What a pod's container wrote, as text; bounded. */
  podLog(
    ref: ObjectRef,
    options: { container: string; tailLines?: number; previous?: boolean },
    signal?: AbortSignal,
  ): Promise<string>;
};
