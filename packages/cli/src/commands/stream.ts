import type { ApiClient } from '@camplane/api-client/api-client';
import type { CallOptions } from '@camplane/api-client/send-operation';
import { cameraIdSchema } from '@camplane/contracts/camera-id';
import type { Stream, StreamHealth, StreamState } from '@camplane/contracts/stream';
import { ageOf } from '../age.ts';
import { apiOptionDetails, apiOptions, callApi } from '../call-api.ts';
import type { Command, CommandContext } from '../command.ts';
import { UsageError } from '../command-errors.ts';
import { plain, tableLines } from '../output.ts';
import type { Tone } from '../output.ts';

const usage = 'stream list|get|start|stop|health [ID]';

type Action = { needsId: boolean; run(context: CommandContext, id: string): Promise<number> };

const actions: Readonly<Record<string, Action>> = {
  list: { needsId: false, run: listStreams },
  get: { needsId: true, run: getStream },
  start: { needsId: true, run: startStream },
  stop: { needsId: true, run: stopStream },
  health: { needsId: false, run: showHealth },
};

export const streamCommand: Command = {
  name: 'stream',
  usage,
  summary: 'Show, start and stop cameras as streams, through control-api',
  details: [
    'list, get ID, health: need an API token with camera.view. health exits with 1 if any is unhealthy.',
    'start ID, stop ID: need camera.operate. They do not wait for the new state.',
    ...apiOptionDetails,
  ],
  options: apiOptions,
  positionals: { min: 1, max: 2 },
  json: true,
  run: (context) => {
    const [name = '', id] = context.positionals;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) throw new UsageError(`unknown action '${name}', usage: camplane ${usage}`);
    if (action.needsId !== (id !== undefined)) {
      const problem = action.needsId ? 'missing stream id' : `unexpected argument '${id}'`;
      throw new UsageError(`${problem}, usage: camplane stream ${name}${action.needsId ? ' ID' : ''}`);
    }
    if (id !== undefined && !cameraIdSchema.safeParse(id).success) {
      throw new UsageError(`invalid stream id '${id}', use lower-case letters, digits and hyphens`);
    }
    return action.run(context, id ?? '');
  },
};

const tones: Readonly<Record<StreamState, Tone>> = {
  RUNNING: 'good',
  ERROR: 'bad',
  STARTING: 'doubtful',
  STOPPING: 'doubtful',
  STOPPED: 'faint',
};

async function listStreams(context: CommandContext): Promise<number> {
  const { items } = await callApi(context, 'camera.view', (api, options) => api.listStreams({}, options));
  if (context.format === 'json') printJson(context, items);
  else if (items.length === 0) context.note('No streams.');
  else {
    printTable(
      context,
      ['ID', 'STATUS', 'DETECTION', 'FPS', 'HEARTBEAT', 'AGE', 'NAME', 'URL'],
      items.map((stream) => [
        stream.id,
        stream.status,
        stream.detectionEnabled ? 'on' : 'off',
        String(stream.fps),
        ageOf(stream.lastHeartbeat ?? undefined, context.now()),
        ageOf(stream.createdAt, context.now()),
        plain(stream.name),
        plain(stream.rtspUrl),
      ]),
    );
  }
  return 0;
}

async function getStream(context: CommandContext, id: string): Promise<number> {
  if (id === 'health') {
    throw new UsageError('the API has no stream with the id health, use camplane describe health');
  }
  const stream = await callApi(context, 'camera.view', (api, options) => api.readStream({ id }, options));
  if (context.format === 'json') printJson(context, stream);
  else printStream(context, stream);
  return 0;
}

function startStream(context: CommandContext, id: string): Promise<number> {
  return change(context, (api, options) => api.startStream({ id }, options));
}

function stopStream(context: CommandContext, id: string): Promise<number> {
  return change(context, (api, options) => api.stopStream({ id }, options));
}

async function change(
  context: CommandContext,
  call: (api: ApiClient, options: CallOptions) => Promise<Stream>,
): Promise<number> {
  const stream = await callApi(context, 'camera.operate', call);
  if (context.format === 'json') printJson(context, stream);
  else context.output.line(`${stream.id}: ${context.output.tone(tones[stream.status], stream.status)}`);
  return 0;
}

async function showHealth(context: CommandContext): Promise<number> {
  const health = await callApi(context, 'camera.view', (api, options) => api.listStreamHealth({}, options));
  if (context.format === 'json') printJson(context, health);
  else printHealth(context, health);
  return health.unhealthy.length === 0 ? 0 : 1;
}

function printHealth(context: CommandContext, { total, unhealthy }: StreamHealth): void {
  if (unhealthy.length === 0) {
    context.output.line(`No unhealthy streams, ${total} in total.`);
    return;
  }
  printTable(
    context,
    ['ID', 'STATUS', 'HEARTBEAT', 'REASON', 'MESSAGE'],
    unhealthy.map(({ id, status, lastHeartbeat, reason, message }) => [
      id,
      status,
      ageOf(lastHeartbeat ?? undefined, context.now()),
      reason,
      plain(message),
    ]),
  );
  context.output.line();
  context.output.line(`${unhealthy.length} unhealthy, ${total} in total.`);
}

function printStream({ output, now }: CommandContext, stream: Stream): void {
  const ago = (time: string | null): string => (time === null ? 'none' : `${ageOf(time, now())} ago`);
  output.line(output.tone('heading', stream.id) + (stream.name === '' ? '' : `  ${plain(stream.name)}`));
  const rows = [
    ['Status', output.tone(tones[stream.status], stream.status)],
    ['URL', plain(stream.rtspUrl)],
    ['Detection', stream.detectionEnabled ? `on, ${stream.fps} fps` : 'off'],
    ['Heartbeat', ago(stream.lastHeartbeat)],
    ['Created', ago(stream.createdAt)],
    ['Updated', ago(stream.updatedAt)],
  ] as const;
  for (const [name, value] of rows) output.line(`  ${name.padEnd(9)}  ${value}`);
}

function printTable({ output }: CommandContext, headers: string[], rows: string[][]): void {
  const [head = '', ...lines] = tableLines(headers, rows);
  output.line(output.tone('heading', head));
  lines.forEach((line) => output.line(line));
}

function printJson({ output }: CommandContext, value: unknown): void {
  output.line(JSON.stringify(value, null, 2));
}
