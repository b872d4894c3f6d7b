import type { ApiRequest } from './api-connection.ts';
import { errorOf, isSuccess } from './api-requests.ts';
import type { ApiRequests } from './api-requests.ts';
import type { KubernetesApi, WatchEvent } from './kubernetes-api.ts';
import { KubernetesError } from './kubernetes-error.ts';
import type { KubernetesObject, ResourceType } from './kubernetes-object.ts';
import { isObjectMissing } from './kubernetes-status.ts';
import { createLineSplitter } from './line-splitter.ts';
import { readListPage, readMetadata, readObject, readWatchEvent } from './read-objects.ts';
import { collectionPath, objectPath, queryOf } from './resource-path.ts';
import { parseBody } from './response-body.ts';

export type ReadLimits = {
  /** Objects per page of a list. */
  pageSize: number;
  pagesMax: number;
  /** Per event of a watch; etcd limits objects to 1.5 MiB. */
  eventMaxBytes: number;
  logMaxBytes: number;
  /**
   * Maximum time without an event of a watch. The server sends a bookmark about every minute, but only for resources
   * that changed since its start.
   */
  silenceMaxMs: number;
  /** The server should end a watch after this time; up to twice as long, at random. */
  watchMinSeconds: number;
};

const json = 'application/json';
/** No alternative type: a server that cannot omit the data must refuse. */
const metadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const metadataEvents = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** The operations of {@link KubernetesApi} that do not change anything. */
export function createReadOperations(
  requests: ApiRequests,
  limits: ReadLimits,
  random: () => number,
): Pick<KubernetesApi, 'get' | 'list' | 'watch' | 'podLog'> {
  return {
    async get<T extends KubernetesObject>(
      ...[type, ref, signal]: Parameters<KubernetesApi['get']>
    ): Promise<T | undefined> {
      const request: ApiRequest = { method: 'GET', path: objectPath(type, ref), accept: json };
      const { response, text } = await requests.exchange(request, signal);
      const body = parseBody(text);
      if (isSuccess(response)) return readObject<T>(type, body);
      if (response.statusCode === 404 && isObjectMissing(body)) return undefined;
      throw errorOf(request, response, body);
    },

    async list<T extends KubernetesObject>(...[type, options, signal]: Parameters<KubernetesApi['list']>) {
      const { namespace, labelSelector, fieldSelector, metadataOnly = false } = options;
      const read = metadataOnly ? readMetadata<T> : readObject<T>;
      const items: T[] = [];
      let next: string | undefined;
      for (let pages = 0; pages < limits.pagesMax; pages += 1) {
        const query = queryOf({ labelSelector, fieldSelector, limit: limits.pageSize, continue: next });
        const path = `${collectionPath(type, namespace)}${query}`;
        const accept = metadataOnly ? metadataList : json;
        const page = readListPage(type, await requests.fetchBody({ method: 'GET', path, accept }, signal));
        for (const item of page.items) items.push(read(type, item));
        if (page.next === undefined) return { resourceVersion: page.resourceVersion, items };
        next = page.next;
      }
      throw new KubernetesError(
        'not-understood',
        `more than ${limits.pagesMax * limits.pageSize} ${type.plural} in the namespace ${namespace}`,
      );
    },

    async watch<T extends KubernetesObject>(
      type: ResourceType,
      options: Parameters<KubernetesApi['watch']>[1],
      onEvent: (event: WatchEvent<T>) => void,
      signal: AbortSignal,
    ): Promise<void> {
      const { namespace, labelSelector, fieldSelector, resourceVersion, metadataOnly = false } = options;
      const silenceMaxMs = options.silenceMaxMs ?? limits.silenceMaxMs;
      const query = queryOf({
        ...{ watch: true, allowWatchBookmarks: true, labelSelector, fieldSelector, resourceVersion },
        timeoutSeconds: Math.round(limits.watchMinSeconds * (1 + random())),
      });
      const request: ApiRequest = {
        method: 'GET',
        path: `${collectionPath(type, namespace)}${query}`,
        accept: metadataOnly ? metadataEvents : json,
        isLong: true,
      };
      const read = metadataOnly ? readMetadata<T> : readObject<T>;
      const onChunk = createLineSplitter(limits.eventMaxBytes, (line) =>
        onEvent(readWatchEvent(type, line, read)),
      );
      try {
        await requests.stream(request, { silenceMaxMs, onChunk }, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },

    async podLog(ref, options, signal) {
      const { container, tailLines, previous } = options;
      const query = queryOf({ container, tailLines, previous, limitBytes: limits.logMaxBytes });
      const path = `/api/v1/namespaces/${encodeURIComponent(ref.namespace)}/pods/${encodeURIComponent(ref.name)}/log`;
      const request: ApiRequest = { method: 'GET', path: `${path}${query}`, accept: '*/*' };
      const { response, text } = await requests.exchange(request, signal);
      if (isSuccess(response)) return text;
      throw errorOf(request, response, parseBody(text));
    },
  };
}
