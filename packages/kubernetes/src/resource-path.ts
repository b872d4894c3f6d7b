import type { ObjectRef } from './kubernetes-api.ts';
import type { ResourceType } from './kubernetes-object.ts';

/** The path of a kind of resource in a namespace: `/apis/apps/v1/namespaces/default/deployments`. */
export function collectionPath(type: ResourceType, namespace: string): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${type.plural}`;
}

/** The path of an object or one of its subresources. */
export function objectPath(type: ResourceType, ref: ObjectRef, subresource?: string): string {
  const path = `${collectionPath(type, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** `?a=b`, without undefined and false values; empty without values. */
export function queryOf(values: Record<string, string | number | boolean | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== false) query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}
