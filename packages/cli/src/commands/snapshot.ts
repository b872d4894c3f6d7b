import { workloadName, workloadPorts } from '@camplane/contracts/camera-workload';
import { problemSchema } from '@camplane/contracts/problem';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { writeFile } from 'node:fs/promises';
import { messageOf } from '@camplane/runtime/message-of';
import { askService } from '../ask-service.ts';
import type { ServiceAnswer } from '../ask-service.ts';
import type { Command } from '../command.ts';
import { findCamera } from '../find-camera.ts';
import { CommandError, UsageError } from '../usage-error.ts';

export const snapshotCommand: Command = {
  name: 'snapshot',
  usage: 'snapshot ID',
  summary: 'The camera’s latest picture, as a JPEG file',
  details: [
    'It comes through the API server, so that no port needs to be forwarded.',
    '  -o, --output FILE      by default ID.jpg; - for standard output',
  ],
  options: { output: { type: 'string', short: 'o' } },
  words: { min: 1, max: 1 },
  json: false,
  run: async ({ cluster, words, options, output, aside, signal }) => {
    const id = words[0] ?? '';
    const file = typeof options['output'] === 'string' ? options['output'] : `${id}.jpg`;
    if (file === '-' && output.isScreen) {
      throw new UsageError('a picture is not written to a screen: name a file with --output, or pipe it on');
    }
    const camera = await findCamera(cluster, id, signal);
    if (!camera.enabled)
      throw new CommandError(`camera ${id} is switched off (spec.enabled): it has no picture`);
    const service = { name: workloadName(id), port: workloadPorts.http, path: `/cameras/${id}/snapshot` };
    const answer = await askService(cluster, service, signal).catch((error: unknown) => {
      throw noPod(error, id);
    });
    const picture = pictureOf(answer, id);
    if (file === '-') output.bytes(picture);
    else await save(file, picture);
    aside(file === '-' ? '' : `${file}: ${Math.ceil(picture.length / 1024)} KiB`);
    return 0;
  },
};

/** Nobody behind the camera's Service is no fault of the API server, which says so. */
function noPod(error: unknown, id: string): unknown {
  const isNobody = error instanceof KubernetesError && (error.status === 503 || error.kind === 'not-found');
  if (!isNobody) return error;
  return new CommandError(`camera ${id} has no pod that answers\n  camplane describe ${id} says why`, {
    cause: error,
  });
}

function pictureOf(answer: ServiceAnswer, id: string): Buffer {
  const { status, contentType, body } = answer;
  if (status === 200 && contentType.startsWith('image/jpeg')) return body;
  const problem = problemSchema.safeParse(jsonOf(body));
  const why = problem.success ? problem.data.detail : `its service answered with status ${status}`;
  throw new CommandError(`camera ${id} gives no picture: ${why}\n  camplane describe ${id} says how it is`);
}

async function save(file: string, picture: Buffer): Promise<void> {
  try {
    await writeFile(file, picture);
  } catch (cause) {
    throw new CommandError(`${file} cannot be written: ${messageOf(cause)}`, { cause });
  }
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
