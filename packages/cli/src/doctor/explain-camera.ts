import { probeRequestSchema } from '@camplane/contracts/camera-http';
import type { ProbeResult } from '@camplane/contracts/camera-http';
import { consequenceNames, probeFacts } from '@camplane/contracts/probe-facts';
import { fieldsOf } from '@camplane/contracts/problem';
import { messageOf } from '@camplane/runtime/message-of';
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { callApi } from '../call-api.ts';
import type { CommandContext } from '../command.ts';
import { CommandError, UsageError } from '../command-errors.ts';
import { plain } from '../output.ts';
import type { Output } from '../output.ts';

type ProbeBody = z.input<typeof probeRequestSchema>;

const permissions = 'camera.view and camera.configure';

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
  const result = await callApi(context, permissions, (api, options) => api.probeSource({ body }, options));
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
  const { source, video, audio } = await callApi(context, permissions, (api, options) =>
    api.readCamera({ id }, options),
  );
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
