import type { KubeConfig } from '@kubernetes/client-node';
import type { IncomingMessage } from 'node:http';
import { onAbort } from '@camplane/runtime/abort';
import { messageOf } from '@camplane/runtime/message-of';
import { parseBody, readText } from './answer-body.ts';
import { connectToApi } from './api-connection.ts';
import type { ApiRequest } from './api-connection.ts';
import type { KubernetesApi, WatchEvent } from './kubernetes-api.ts';
import { KubernetesError } from './kubernetes-error.ts';
import type { KubernetesObject, ResourceType } from './kubernetes-object.ts';
import { errorOfAnswer, isObjectMissing } from './kubernetes-status.ts';
import { createLineSplitter } from './line-splitter.ts';
import { readListPage, readMetadata, readObject, readWatchEvent } from './read-objects.ts';
import { collectionPath, objectPath, queryOf } from './resource-path.ts';
import { startTimeLimit } from './time-limit.ts';

export type KubernetesApiLimits = {
  /** From sending a request to the end of its answer; of a watch, to its beginning. */
  requestTimeoutMs: number;
  /** Objects in one answer of a list. */
  pageSize: number;
  pagesMax: number;
  /** Of one answer, and of one event of a watch (etcd keeps objects of at most 1.5 MiB). */
  answerMaxBytes: number;
  eventMaxBytes: number;
  logMaxBytes: number;
  /**
   * A watch of which nothing was heard: the server sends a bookmark about every minute, of resources of which it has
   * seen a change since its start.
   */
  silenceMaxMs: number;
  /** The server is asked to end a watch after this time, up to twice as long by chance. */
  watchMinSeconds: number;
};

export const defaultKubernetesApiLimits: KubernetesApiLimits = {
  requestTimeoutMs: 30_000,
  pageSize: 200,
  pagesMax: 500,
  answerMaxBytes: 64 * 1024 * 1024,
  eventMaxBytes: 4 * 1024 * 1024,
  logMaxBytes: 1024 * 1024,
  silenceMaxMs: 150_000,
  watchMinSeconds: 300,
};

const json = 'application/json';
/** Without a second choice: a server that cannot leave the data away refuses. */
const metadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const metadataEvents = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** Requests to the API server of a kubeconfig; see {@link KubernetesApi}. `close` ends idle connections. */
export function createKubernetesApi(options: {
  kubeConfig: KubeConfig;
  limits?: Partial<KubernetesApiLimits>;
  random?: () => number;
}): KubernetesApi & { close(): void } {
  const { kubeConfig, random = Math.random } = options;
  const limits = { ...defaultKubernetesApiLimits, ...options.limits };
  const connection = connectToApi(kubeConfig);

  /** One request and its whole answer, whatever its status. */
  async function ask(request: ApiRequest, signal: AbortSignal | undefined, maxBytes = limits.answerMaxBytes) {
    const limit = startTimeLimit(limits.requestTimeoutMs, signal);
    try {
      const response = await connection.send(request, limit.signal);
      return { response, text: await readText(response, maxBytes) };
    } finally {
      limit.end();
    }
  }

  /** The body of an answer of success. */
  async function demand(request: ApiRequest, signal: AbortSignal | undefined): Promise<unknown> {
    const { response, text } = await ask(request, signal);
    const body = parseBody(text);
    if (isSuccess(response)) return body;
    throw refusal(request, response, body);
  }

  /** A write of one object, answered with the object as it is then. */
  async function write<T extends KubernetesObject>(
    type: ResourceType,
    request: Omit<ApiRequest, 'accept'>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return readObject<T>(type, await demand({ ...request, accept: json }, signal));
  }

  return {
    async get<T extends KubernetesObject>(
      ...[type, ref, signal]: Parameters<KubernetesApi['get']>
    ): Promise<T | undefined> {
      const request: ApiRequest = { method: 'GET', path: objectPath(type, ref), accept: json };
      const { response, text } = await ask(request, signal);
      const body = parseBody(text);
      if (isSuccess(response)) return readObject<T>(type, body);
      if (response.statusCode === 404 && isObjectMissing(body)) return undefined;
      throw refusal(request, response, body);
    },

    async list<T extends KubernetesObject>(...[type, options, signal]: Parameters<KubernetesApi['list']>) {
      const { namespace, labelSelector, fieldSelector, metadataOnly = false } = options;
      const read = metadataOnly ? readMetadata<T> : readObject<T>;
      const items: T[] = [];
      let next: string | undefined;
      for (let page = 0; page < limits.pagesMax; page += 1) {
        const query = queryOf({ labelSelector, fieldSelector, limit: limits.pageSize, continue: next });
        const path = `${collectionPath(type, namespace)}${query}`;
        const accept = metadataOnly ? metadataList : json;
        const answer = readListPage(type, await demand({ method: 'GET', path, accept }, signal));
        for (const item of answer.items) items.push(read(type, item));
        if (answer.next === undefined) return { resourceVersion: answer.resourceVersion, items };
        next = answer.next;
      }
      throw new KubernetesError(
        'not-understood',
        `there are more than ${limits.pagesMax * limits.pageSize} ${type.plural} in namespace ${namespace}`,
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
      const split = createLineSplitter(limits.eventMaxBytes, (line) =>
        onEvent(readWatchEvent(type, line, read)),
      );
      try {
        await follow(request, silenceMaxMs, split, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },

    async create<T extends KubernetesObject>(
      ...[type, object, options = {}, signal]: Parameters<KubernetesApi['create']>
    ): Promise<T> {
      const { fieldManager, dryRun } = options;
      const query = queryOf({ fieldManager, dryRun: dryRun && 'All' });
      const path = `${collectionPath(type, refOf(object).namespace)}${query}`;
      const body = { contentType: json, value: object };
      return write<T>(type, { method: 'POST', path, body }, signal);
    },

    async replace<T extends KubernetesObject>(
      ...[type, object, signal]: Parameters<KubernetesApi['replace']>
    ) {
      const path = objectPath(type, refOf(object));
      return write<T>(type, { method: 'PUT', path, body: { contentType: json, value: object } }, signal);
    },

    async apply<T extends KubernetesObject>(
      ...[type, object, options, signal]: Parameters<KubernetesApi['apply']>
    ) {
      const { fieldManager, force, dryRun, subresource } = options;
      const query = queryOf({ fieldManager, force, dryRun: dryRun && 'All' });
      const path = `${objectPath(type, refOf(object), subresource)}${query}`;
      // JSON is YAML: the type of server-side apply that every supported server takes.
      const body = { contentType: 'application/apply-patch+yaml', value: object };
      return write<T>(type, { method: 'PATCH', path, body }, signal);
    },

    async mergePatch<T extends KubernetesObject>(
      ...[type, ref, patch, options = {}, signal]: Parameters<KubernetesApi['mergePatch']>
    ) {
      const { fieldManager, subresource } = options;
      const path = `${objectPath(type, ref, subresource)}${queryOf({ fieldManager })}`;
      const body = { contentType: 'application/merge-patch+json', value: patch };
      return write<T>(type, { method: 'PATCH', path, body }, signal);
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
      const { response, text } = await ask(request, signal);
      if (isSuccess(response)) return true;
      const answer = parseBody(text);
      if (response.statusCode === 404 && isObjectMissing(answer)) return false;
      throw refusal(request, response, answer);
    },

    async podLog(ref, options, signal) {
      const { container, tailLines, previous } = options;
      const query = queryOf({ container, tailLines, previous, limitBytes: limits.logMaxBytes });
      const path = `/api/v1/namespaces/${encodeURIComponent(ref.namespace)}/pods/${encodeURIComponent(ref.name)}/log`;
      const request: ApiRequest = { method: 'GET', path: `${path}${query}`, accept: '*/*' };
      const { response, text } = await ask(request, signal);
      if (isSuccess(response)) return text;
      throw refusal(request, response, parseBody(text));
    },

    close: () => connection.close(),
  };

  /** Reads a watch until the server ends it. */
  async function follow(
    request: ApiRequest,
    silenceMaxMs: number,
    onChunk: (chunk: Buffer) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const start = startTimeLimit(limits.requestTimeoutMs, signal);
    const response = await connection.send(request, start.signal).finally(() => start.end());
    const silence = startTimeLimit(silenceMaxMs, signal);
    onAbort(silence.signal, () => response.destroy());
    try {
      if (!isSuccess(response)) {
        throw refusal(request, response, parseBody(await readText(response, limits.answerMaxBytes)));
      }
      for await (const chunk of response as AsyncIterable<Buffer>) {
        silence.restart();
        onChunk(chunk);
      }
    } catch (cause) {
      if (cause instanceof KubernetesError) throw cause;
      if (cause instanceof RangeError) {
        throw new KubernetesError('not-understood', `${describe(request)}: ${cause.message}`, { cause });
      }
      const [kind, reason] = silence.isOver
        ? (['silent', `nothing was heard for ${silenceMaxMs} ms`] as const)
        : (['unavailable', `it broke off: ${messageOf(cause)}`] as const);
      throw new KubernetesError(kind, `${describe(request)}: ${reason}`, { cause });
    } finally {
      silence.end();
      response.destroy();
    }
  }
}

function isSuccess(response: IncomingMessage): boolean {
  const status = response.statusCode ?? 0;
  return status >= 200 && status < 300;
}

function refusal(request: ApiRequest, response: IncomingMessage, body: unknown): KubernetesError {
  const status = response.statusCode ?? 0;
  return errorOfAnswer(describe(request), { status, retryAfter: response.headers['retry-after'], body });
}

/** Without its query, which may be long. */
function describe(request: ApiRequest): string {
  return `${request.method} ${request.path.split('?', 1)[0] ?? ''}`;
}

function refOf(object: KubernetesObject): { namespace: string; name: string } {
  const { name, namespace } = object.metadata;
  if (namespace === undefined) throw new Error(`${object.kind} ${name} names no namespace`);
  return { namespace, name };
}
