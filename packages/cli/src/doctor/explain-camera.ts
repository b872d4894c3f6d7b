import { cameraSchema, probeRequestSchema, probeResultSchema } from '@camplane/contracts/camera-http';
import type { ProbeResult } from '@camplane/contracts/camera-http';
import { operations } from '@camplane/contracts/operations';
import { consequenceNames, probeFacts } from '@camplane/contracts/probe-facts';
import { fieldsOf, problemSchema } from '@camplane/contracts/problem';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { messageOf } from '@camplane/runtime/message-of';
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import type { CommandContext } from '../command.ts';
import { CommandError, UsageError } from '../command-errors.ts';
import { plain } from '../output.ts';
import type { Output } from '../output.ts';
import { readToken } from '../read-token.ts';
import { requestService } from '../request-service.ts';

type ProbeBody = z.input<typeof probeRequestSchema>;

const controlApiPort = 8080;
const controlApiLabels = 'app.kubernetes.io/part-of=camplane,app.kubernetes.io/name=control-api';
const requestTimeoutMs = 50_000;

/** Whether the command line names a camera or an address. */
export function asksForCamera({ positionals, options }: CommandContext): boolean {
  const [word, id] = positionals;
  if (options['url'] !== undefined) {
    if (word !== undefined) throw new UsageError('name either a camera or --url');
    return true;
  }
  if (word === undefined) return false;
  if (word !== 'camera' || id === undefined) throw new UsageError('usage: camplane doctor camera ID');
  return true;
}

/** Probes a camera through control-api, and prints what it sends, what follows and what to change. */
export async function explainCamera(context: CommandContext): Promise<number> {
  const { output, format, positionals } = context;
  const body = checked(
    positionals[1] === undefined ? await addressOf(context) : await cameraOf(context, positionals[1]),
  );
  const result = probeResultSchema.parse(await callApi(context, operations.probeSource.path, body));
  if (format === 'json') {
    output.line(JSON.stringify(result.ok ? { ...result, picture: undefined } : result, null, 2));
  } else print(output, body, result);
  return result.ok ? 0 : 1;
}

async function addressOf({ options }: CommandContext): Promise<ProbeBody> {
  const { url, login, transport } = options;
  return {
    url: String(url),
    ...(transport === undefined ? {} : { transport: transport as 'tcp' }),
    credentials: typeof login === 'string' ? await readLogin(login) : null,
    ...choices(options),
  };
}

async function cameraOf(context: CommandContext, id: string): Promise<ProbeBody> {
  const path = operations.readCamera.path.replace('{id}', encodeURIComponent(id));
  const { source, video, audio } = cameraSchema.parse(await callApi(context, path));
  const { url, transport } = source;
  return {
    url,
    transport,
    cameraId: id,
    mode: video.mode,
    audio: audio.enabled,
    ...choices(context.options),
  };
}

function choices({ mode, sound }: CommandContext['options']): Partial<ProbeBody> {
  return {
    ...(mode === undefined ? {} : { mode: mode as 'copy' }),
    ...(sound === undefined ? {} : { audio: true }),
  };
}

function checked(body: ProbeBody): ProbeBody {
  const parsed = probeRequestSchema.safeParse(body);
  const [first] = parsed.success ? [] : fieldsOf(parsed.error);
  if (first) throw new UsageError(`${first.path} ${first.message}`);
  return body;
}

/** From a file, because arguments are visible to every user of the machine. */
async function readLogin(file: string): Promise<{ username: string; password: string }> {
  const text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8').catch((error: unknown) => {
    throw new CommandError(`cannot read the login: ${messageOf(error)}`, { cause: error });
  });
  const [username = '', password = ''] = text.split(/\r?\n/);
  return { username, password };
}

/** Over the cluster's API server, or directly with --api. */
async function callApi(context: CommandContext, path: string, body?: ProbeBody): Promise<unknown> {
  const { api } = context.options;
  const { status, text } =
    typeof api === 'string'
      ? await callDirectly(context, api, path, body)
      : await callThroughCluster(context, path, body);
  const answer = parseJson(text);
  if (status === 200) return answer;
  const problem = problemSchema.safeParse(answer);
  const detail = problem.success ? problem.data.detail : `control-api returned status ${status}`;
  const remedy = remedyOf(status, typeof api === 'string');
  throw new CommandError(remedy === '' ? detail : `${detail}\n  ${remedy}`);
}

function remedyOf(status: number, isDirect: boolean): string {
  if (status === 403) return 'use the API token of a user with this permission';
  if (status !== 401) return '';
  if (isDirect) {
    return 'create an API token with camera.view and camera.configure in the dashboard, and set CAMPLANE_TOKEN';
  }
  // The API server removes `Authorization` from requests that it proxies.
  return (
    'the API server forwards no token: run kubectl port-forward service/camplane-control-api 8080, ' +
    'set CAMPLANE_TOKEN, and use --api http://127.0.0.1:8080'
  );
}

async function callDirectly(context: CommandContext, api: string, path: string, body?: ProbeBody) {
  const limit = AbortSignal.any([context.signal, AbortSignal.timeout(requestTimeoutMs)]);
  const token = await readToken(context);
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
  return { status: response.status, text: await response.text() };
}

async function callThroughCluster({ cluster, signal }: CommandContext, path: string, body?: ProbeBody) {
  const selection = { namespace: cluster.namespace, labelSelector: controlApiLabels };
  const { items } = await cluster.api.list(resourceTypes.service, selection, signal);
  const name = items[0]?.metadata.name;
  if (name === undefined) {
    throw new CommandError(
      `control-api is not deployed in namespace ${cluster.namespace}, check --namespace`,
    );
  }
  const target = { name, port: controlApiPort, path, ...(body === undefined ? {} : { body }) };
  const { status, body: answer } = await requestService(cluster, target, signal);
  return { status, text: answer.toString('utf8') };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function print(output: Output, body: ProbeBody, result: ProbeResult): void {
  output.line(output.tone('heading', plain(body.url)));
  if (!result.ok) {
    output.line(`  ${output.tone('bad', '✘')} ${plain(result.message)}`);
    if (result.suggestedMode !== null) output.line(`    → use mode ${result.suggestedMode}`);
    return;
  }
  const { advice, consequences, willRun } = result;
  const mode = body.mode ?? 'copy';
  const asked = willRun.find((each) => each.mode === mode && each.audio === (body.audio ?? false));
  const sound = body.audio === true ? 'with sound' : 'without sound';
  output.line(
    `  ${output.tone('good', '✔')} It runs in mode ${mode}, ${sound}. ${plain(asked?.message ?? '')}`.trimEnd(),
  );
  for (const text of advice) output.line(`  ${output.tone('doubtful', '!')} ${plain(text)}`);
  section(output, 'What it sends', probeFacts(result));
  section(
    output,
    'What follows',
    consequences.map(({ about, text }) => [consequenceNames[about], text] as const),
  );
}

function section(output: Output, title: string, rows: readonly (readonly [string, string | null])[]): void {
  const known = rows.filter(([, value]) => value !== null);
  if (known.length === 0) return;
  const width = Math.max(...known.map(([name]) => name.length));
  output.line();
  output.line(output.tone('heading', title));
  for (const [name, value] of known) output.line(`  ${name.padEnd(width)}  ${plain(value ?? '')}`);
}
