import type { WatchEvent } from './kubernetes-api.ts';
import { KubernetesError } from './kubernetes-error.ts';
import type { KubernetesObject, ResourceType } from './kubernetes-object.ts';
import { errorOfResponse } from './kubernetes-status.ts';
import { apiVersionOf } from './resource-path.ts';

/**
 * Checks that a value is an object with a name. Its content is parsed by the caller.
 *
 * @throws KubernetesError `not-understood`
 */
export function readObject<T extends KubernetesObject>(type: ResourceType, value: unknown): T {
  if (!isRecord(value) || !isRecord(value['metadata']) || typeof value['metadata']['name'] !== 'string') {
    throw new KubernetesError(
      'not-understood',
      `the cluster's API returned something other than a ${type.kind}`,
    );
  }
  // List items have no apiVersion and kind.
  return { ...value, apiVersion: apiVersionOf(type), kind: type.kind } as unknown as T;
}

/** Drops everything but the metadata. */
export function readMetadata<T extends KubernetesObject>(type: ResourceType, value: unknown): T {
  const { apiVersion, kind, metadata } = readObject(type, value);
  return { apiVersion, kind, metadata } as T;
}

export type ListPage = { resourceVersion: string; next: string | undefined; items: unknown[] };

/** @throws KubernetesError `not-understood` */
export function readListPage(type: ResourceType, value: unknown): ListPage {
  // An empty list of metadata has `items: null`.
  const items = isRecord(value) ? (value['items'] ?? []) : undefined;
  if (!isRecord(value) || !isRecord(value['metadata']) || !Array.isArray(items)) {
    throw new KubernetesError(
      'not-understood',
      `the cluster's API returned something other than a list of ${type.plural}`,
    );
  }
  const { resourceVersion, continue: next } = value['metadata'];
  return {
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
    next: typeof next === 'string' && next !== '' ? next : undefined,
    items: items as unknown[],
  };
}

/**
 * Parses a line of a watch.
 *
 * @throws KubernetesError of the kind in an `ERROR` event, such as `gone`; `not-understood` for invalid lines
 */
export function readWatchEvent<T extends KubernetesObject>(
  type: ResourceType,
  line: string,
  read: (type: ResourceType, value: unknown) => T,
): WatchEvent<T> {
  const what = `watch of ${type.plural}`;
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw new KubernetesError('not-understood', `${what}: a line is not JSON`, { cause });
  }
  if (!isRecord(event)) throw new KubernetesError('not-understood', `${what}: a line is not an event`);
  const { type: eventType, object } = event;
  switch (eventType) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type: eventType, object: read(type, object) };
    case 'BOOKMARK': {
      const version =
        isRecord(object) && isRecord(object['metadata']) && object['metadata']['resourceVersion'];
      if (typeof version === 'string') return { type: eventType, resourceVersion: version };
      throw new KubernetesError('not-understood', `${what}: a bookmark has no version`);
    }
    case 'ERROR':
      throw errorOfResponse(what, { status: 0, body: object });
    default:
      throw new KubernetesError('not-understood', `${what}: an event of unknown type`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
