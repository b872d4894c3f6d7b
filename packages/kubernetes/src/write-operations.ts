import type { ApiRequest } from './api-connection.ts';
import { errorOf, isSuccess } from './api-requests.ts';
import type { ApiRequests } from './api-requests.ts';
import type { KubernetesApi } from './kubernetes-api.ts';
import type { KubernetesObject, ResourceType } from './kubernetes-object.ts';
import { isObjectMissing } from './kubernetes-status.ts';
import { readObject } from './read-objects.ts';
import { collectionPath, objectPath, queryOf } from './resource-path.ts';
import { parseBody } from './response-body.ts';

const json = 'application/json';

/** The operations of {@link KubernetesApi} that change objects. */
export function createWriteOperations(
  requests: ApiRequests,
): Pick<KubernetesApi, 'create' | 'replace' | 'apply' | 'mergePatch' | 'remove'> {
  return {
    async create<T extends KubernetesObject>(
      ...[type, object, options = {}, signal]: Parameters<KubernetesApi['create']>
    ): Promise<T> {
      const { fieldManager, dryRun } = options;
      const query = queryOf({ fieldManager, dryRun: dryRun && 'All' });
      const path = `${collectionPath(type, refOf(object).namespace)}${query}`;
      const body = { contentType: json, value: object };
      return write<T>(requests, type, { method: 'POST', path, body }, signal);
    },

    async replace<T extends KubernetesObject>(
      ...[type, object, signal]: Parameters<KubernetesApi['replace']>
    ) {
      const path = objectPath(type, refOf(object));
      return write<T>(
        requests,
        type,
        { method: 'PUT', path, body: { contentType: json, value: object } },
        signal,
      );
    },

    async apply<T extends KubernetesObject>(
      ...[type, object, options, signal]: Parameters<KubernetesApi['apply']>
    ) {
      const { fieldManager, force, dryRun, subresource } = options;
      const query = queryOf({ fieldManager, force, dryRun: dryRun && 'All' });
      const path = `${objectPath(type, refOf(object), subresource)}${query}`;
      // JSON is valid YAML, and every supported server accepts this type.
      const body = { contentType: 'application/apply-patch+yaml', value: object };
      return write<T>(requests, type, { method: 'PATCH', path, body }, signal);
    },

    async mergePatch<T extends KubernetesObject>(
      ...[type, ref, patch, options = {}, signal]: Parameters<KubernetesApi['mergePatch']>
    ) {
      const { fieldManager, subresource } = options;
      const path = `${objectPath(type, ref, subresource)}${queryOf({ fieldManager })}`;
      const body = { contentType: 'application/merge-patch+json', value: patch };
      return write<T>(requests, type, { method: 'PATCH', path, body }, signal);
    },

    async remove(type, ref, options = {}, signal) {
      const { uid, propagation } = options;
      const value = {
        ...{ apiVersion: 'v1', kind: 'DeleteOptions' },
        ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      };
      const body = { contentType: json, value };
      const request: ApiRequest = { method: 'DELETE', path: objectPath(type, ref), accept: json, body };
      const { response, text } = await requests.exchange(request, signal);
      if (isSuccess(response)) return true;
      const responseBody = parseBody(text);
      if (response.statusCode === 404 && isObjectMissing(responseBody)) return false;
      throw errorOf(request, response, responseBody);
    },
  };
}

/** Writes one object and returns it as the server stored it. */
async function write<T extends KubernetesObject>(
  requests: ApiRequests,
  type: ResourceType,
  request: Omit<ApiRequest, 'accept'>,
  signal: AbortSignal | undefined,
): Promise<T> {
  return readObject<T>(type, await requests.fetchBody({ ...request, accept: json }, signal));
}

function refOf(object: KubernetesObject): { namespace: string; name: string } {
  const { name, namespace } = object.metadata;
  if (namespace === undefined) throw new Error(`${object.kind} ${name} has no namespace`);
  return { namespace, name };
}
