import type { WatchEvent } from './kubernetes-api.ts';
import { KubernetesError } from './kubernetes-error.ts';
import type { KubernetesObject, ResourceType } from './kubernetes-object.ts';
import { errorOfAnswer } from './kubernetes-status.ts';
import { apiVersionOf } from './resource-path.ts';

/**
 * An object as the API gave it. Beyond its having a name nothing is checked here: what is in it, its reader parses.
 *
 * @throws KubernetesError `not-understood`
 */
export function readObject<T extends KubernetesObject>(type: ResourceType, value: unknown): T {
  if (!isRecord(value) || !isRecord(value['metadata']) || typeof value['metadata']['name'] !== 'string') {
    throw new KubernetesError('not-understood', `the cluster's API gave something that is no ${type.kind}`);
  }
  // The items of a list do not say what they are.
  return { ...value, apiVersion: apiVersionOf(type), kind: type.kind } as unknown as T;
}

/** Only the metadata, whatever was sent. */
export function readMetadata<T extends KubernetesObject>(type: ResourceType, value: unknown): T {
  const { apiVersion, kind, metadata } = readObject(type, value);
  return { apiVersion, kind, metadata } as T;
}

export type ListPage = { resourceVersion: string; next: string | undefined; items: unknown[] };

/** @throws KubernetesError `not-understood` */
export function readListPage(type: ResourceType, value: unknown): ListPage {
  // A list of metadata that is empty has no items at all: null, in Go's JSON.
  const items = isRecord(value) ? (value['items'] ?? []) : undefined;
  if (!isRecord(value) || !isRecord(value['metadata']) || !Array.isArray(items)) {
    throw new KubernetesError(
      'not-understood',
      `the cluster's API gave something that is no list of ${type.plural}`,
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
 * A line of a watch.
 *
 * @throws KubernetesError of the kind that an `ERROR` event tells, such as `gone`; else `not-understood`
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
    throw new KubernetesError('not-understood', `${what}: a line is no JSON`, { cause });
  }
  if (!isRecord(event)) throw new KubernetesError('not-understood', `${what}: a line is no event`);
  const { type: word, object } = event;
  switch (word) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type: word, object: read(type, object) };
    case 'BOOKMARK': {
      const version =
        isRecord(object) && isRecord(object['metadata']) && object['metadata']['resourceVersion'];
      if (typeof version === 'string') return { type: word, resourceVersion: version };
      throw new KubernetesError('not-understood', `${what}: a bookmark has no version`);
    }
    case 'ERROR':
      throw errorOfAnswer(what, { status: 0, body: object });
    default:
      throw new KubernetesError('not-understood', `${what}: an event of unknown type`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
