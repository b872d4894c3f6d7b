import { apiTokenHeader } from '@camplane/contracts/access';
import { problemSchema } from '@camplane/contracts/problem';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { CommandContext } from './command.ts';
import { CommandError } from './command-errors.ts';
import { readToken } from './read-token.ts';
import { requestService, schemeOf } from './request-service.ts';

const controlApiPort = 8080;
const controlApiLabels = 'app.kubernetes.io/part-of=camplane,app.kubernetes.io/name=control-api';
const requestTimeoutMs = 50_000;

export type ApiCall = {
  path: string;
  /** Sent as JSON with POST. */
  body?: unknown;
  /** What the API token needs, for people. */
  permissions: string;
};

type Answer = { status: number; body: Buffer };

/**
 * Calls control-api with the API token, if there is one: over the cluster's API server, or directly with --api.
 *
 * @returns the body of a successful response
 * @throws CommandError with the reason and a remedy
 */
export async function callApi(context: CommandContext, call: ApiCall): Promise<Buffer> {
  const { api } = context.options;
  const token = await readToken(context);
  const { status, body } =
    typeof api === 'string'
      ? await callDirectly(context, api, token, call)
      : await callThroughCluster(context, token, call);
  if (status === 200) return body;
  const problem = problemSchema.safeParse(parseJson(body.toString('utf8')));
  const detail = problem.success ? problem.data.detail : `control-api returned status ${status}`;
  const remedy = remedyOf(status, call.permissions);
  throw new CommandError(remedy === '' ? detail : `${detail}\n  ${remedy}`);
}

function remedyOf(status: number, permissions: string): string {
  if (status === 403) return 'use the API token of a user with this permission';
  if (status !== 401) return '';
  return `create an API token with ${permissions} in the dashboard, and set CAMPLANE_TOKEN`;
}

async function callDirectly(
  { signal }: CommandContext,
  api: string,
  token: string | null,
  { path, body }: ApiCall,
): Promise<Answer> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]);
  const headers = {
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const content = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(new URL(path, api), { ...content, headers, signal: limit }).catch(
    (error: unknown) => {
      throw new CommandError(`${api} is unreachable: start Camplane, or correct --api`, { cause: error });
    },
  );
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
}

async function callThroughCluster(
  { cluster, signal }: CommandContext,
  token: string | null,
  { path, body }: ApiCall,
): Promise<Answer> {
  const selection = { namespace: cluster.namespace, labelSelector: controlApiLabels };
  const { items } = await cluster.api.list(resourceTypes.service, selection, signal);
  const [service] = items;
  if (service === undefined) {
    throw new CommandError(
      `control-api is not deployed in namespace ${cluster.namespace}, check --namespace`,
    );
  }
  const headers = token === null ? {} : { [apiTokenHeader]: token };
  const content = body === undefined ? {} : { body };
  const target = {
    scheme: schemeOf(service, controlApiPort),
    name: service.metadata.name,
    port: controlApiPort,
    path,
  };
  return requestService(cluster, { ...target, headers, ...content }, signal);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
