import type { KubernetesObject, ResourceType } from './kubernetes-object.ts';

/** Identifies an object of a given type. */
export type ObjectRef = { namespace: string; name: string };

export type ListOptions = {
  namespace: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Requests metadata only (PartialObjectMetadata), so that a Secret's values never enter this process. */
  metadataOnly?: boolean;
};

export type ObjectList<T> = { resourceVersion: string; items: T[] };

export type WatchEvent<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  /** All changes up to this version were sent. */
  | { type: 'BOOKMARK'; resourceVersion: string };

/**
 * Requests to a cluster's API. Each has a time limit, races `signal`, and throws KubernetesError
 * (`kubernetes-error.ts`) on failure. None retries: callers do.
 */
export type KubernetesApi = {
  /** Returns `undefined` if the object does not exist. */
  get<T extends KubernetesObject>(
    type: ResourceType,
    ref: ObjectRef,
    signal?: AbortSignal,
  ): Promise<T | undefined>;
  /** Returns all objects, read page by page. */
  list<T extends KubernetesObject>(
    type: ResourceType,
    options: ListOptions,
    signal?: AbortSignal,
  ): Promise<ObjectList<T>>;
  /**
   * Streams changes after a version. Returns when the server ends the watch or the signal is aborted.
   *
   * @throws KubernetesError `silent` after `silenceMaxMs` without any event; `gone` if the version is too old: list again
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
  /** @throws KubernetesError `conflict` if the object has a `resourceVersion` that is no longer current */
  replace<T extends KubernetesObject>(type: ResourceType, object: T, signal?: AbortSignal): Promise<T>;
  /** Server-side apply of the object's fields; creates a missing object. */
  apply<T extends KubernetesObject>(
    type: ResourceType,
    object: KubernetesObject,
    options: { fieldManager: string; force?: boolean; dryRun?: boolean; subresource?: 'status' },
    signal?: AbortSignal,
  ): Promise<T>;
  /** JSON merge patch (RFC 7386): null removes a field. */
  mergePatch<T extends KubernetesObject>(
    type: ResourceType,
    ref: ObjectRef,
    patch: object,
    options?: { fieldManager?: string; subresource?: 'status' },
    signal?: AbortSignal,
  ): Promise<T>;
  /** Returns false if the object did not exist. @throws KubernetesError `conflict` if its uid is not `uid` */
  remove(
    type: ResourceType,
    ref: ObjectRef,
    options?: { uid?: string; propagation?: 'Foreground' | 'Background' | 'Orphan' },
    signal?: AbortSignal,
  ): Promise<boolean>;
  /** The log of a pod's container, of limited size. */
  podLog(
    ref: ObjectRef,
    options: { container: string; tailLines?: number; previous?: boolean },
    signal?: AbortSignal,
  ): Promise<string>;
};
