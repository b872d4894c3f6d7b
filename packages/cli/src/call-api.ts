import { createApiClient } from '@camplane/api-client/api-client';
import type { ApiClient } from '@camplane/api-client/api-client';
import { ApiError } from '@camplane/api-client/api-error';
import type { ApiConnection, CallOptions } from '@camplane/api-client/send-operation';
import { apiTokenHeader } from '@camplane/contracts/access';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { CommandContext } from './command.ts';
import { CommandError } from './command-errors.ts';
import { readToken } from './read-token.ts';
import { requestService, schemeOf } from './request-service.ts';

const controlApiPort = 8080;
const controlApiLabels = 'app.kubernetes.io/part-of=camplane,app.kubernetes.io/name=control-api';
const requestTimeoutMs = 50_000;

/** Options of commands that call control-api. */
export const apiOptions = { api: { type: 'string' }, 'token-file': { type: 'string' } } as const;

/** Their lines for --help. */
export const apiOptionDetails = [
  '      --api URL          ask this Camplane, such as http://127.0.0.1:8080, without a cluster',
  '      --token-file FILE  API token (default: CAMPLANE_TOKEN, or the file CAMPLANE_TOKEN_FILE)',
] as const;

/**
 * Calls control-api with the API token, if there is one: over the cluster's API server, or directly with --api.
 *
 * @param permissions what the API token needs, for people
 * @param call passes the options on to the client
 * @throws CommandError with the reason and a remedy, KubernetesError
 */
export async function callApi<T>(
  context: CommandContext,
  permissions: string,
  call: (api: ApiClient, options: CallOptions) => Promise<T>,
): Promise<T> {
  const api = createApiClient(await connectionOf(context));
  try {
    return await call(api, { signal: context.signal });
  } catch (error) {
    throw error instanceof ApiError ? explained(error, context, permissions) : error;
  }
}

async function connectionOf(context: CommandContext): Promise<ApiConnection> {
  const { api } = context.options;
  const token = await readToken(context);
  if (typeof api === 'string') {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    return { baseUrl: api, headers, timeoutMs: requestTimeoutMs };
  }
  return { baseUrl: '', fetch: fetchThroughCluster(context, token), timeoutMs: requestTimeoutMs };
}

/** Sends requests to control-api over the API server. The URL is a path. */
function fetchThroughCluster({ cluster, signal }: CommandContext, token: string | null): typeof fetch {
  return async (path, { method, body } = {}) => {
    const selection = { namespace: cluster.namespace, labelSelector: controlApiLabels };
    const { items } = await cluster.api.list(resourceTypes.service, selection, signal);
    const [service] = items;
    if (service === undefined) {
      throw new CommandError(
        `control-api is not deployed in namespace ${cluster.namespace}, check --namespace`,
      );
    }
    const target = {
      scheme: schemeOf(service, controlApiPort),
      name: service.metadata.name,
      port: controlApiPort,
      path: path as string,
      method: method as 'GET' | 'POST',
      headers: token === null ? {} : { [apiTokenHeader]: token },
      ...(body === undefined ? {} : { body: JSON.parse(body as string) as unknown }),
    };
    const { status, contentType, body: received } = await requestService(cluster, target, signal);
    return new Response(status === 204 ? null : new Uint8Array(received), {
      status,
      headers: { 'content-type': contentType },
    });
  };
}

function explained(error: ApiError, { options }: CommandContext, permissions: string): unknown {
  const { code, status, cause, message, retryAfterSeconds } = error;
  if (code === 'unreachable') {
    if (typeof options['api'] !== 'string') return cause;
    return new CommandError(`${options['api']} is unreachable: start Camplane, or correct --api`, { cause });
  }
  const remedy = remedyOf(status, permissions, retryAfterSeconds);
  const what = message.replace(/\.$/, '');
  return new CommandError(remedy === '' ? what : `${what}\n  ${remedy}`, { cause: error });
}

function remedyOf(status: number, permissions: string, retryAfterSeconds: number | null): string {
  if (status === 401) {
    return `create an API token with ${permissions} in the dashboard, and set CAMPLANE_TOKEN`;
  }
  if (status === 403) return `use the API token of a user with ${permissions}`;
  return retryAfterSeconds === null ? '' : `try again in ${retryAfterSeconds} s`;
}
