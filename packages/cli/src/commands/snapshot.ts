import { workloadName, workloadPorts } from '@camplane/contracts/camera-workload';
import { problemSchema } from '@camplane/contracts/problem';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { writeFile } from 'node:fs/promises';
import { messageOf } from '@camplane/runtime/message-of';
import { requestService } from '../request-service.ts';
import type { ServiceResponse } from '../request-service.ts';
import type { Command } from '../command.ts';
import { findCamera } from '../find-camera.ts';
import { CommandError, UsageError } from '../command-errors.ts';

export const snapshotCommand: Command = {
  name: 'snapshot',
  usage: 'snapshot ID',
  summary: 'Save the camera’s latest frame as a JPEG file',
  details: [
    'The request goes through the API server, without port forwarding.',
    '  -o, --output FILE      file to write (default: ID.jpg), - for standard output',
  ],
  options: { output: { type: 'string', short: 'o' } },
  positionals: { min: 1, max: 1 },
  json: false,
  run: async ({ cluster, positionals, options, output, note, signal }) => {
    const id = positionals[0] ?? '';
    const file = typeof options['output'] === 'string' ? options['output'] : `${id}.jpg`;
    if (file === '-' && output.isTerminal) {
      throw new UsageError(
        'refusing to write an image to a terminal, name a file with --output or use a pipe',
      );
    }
    const camera = await findCamera(cluster, id, signal);
    if (!camera.enabled)
      throw new CommandError(`camera ${id} is disabled (spec.enabled) and has no snapshot`);
    const service = { name: workloadName(id), port: workloadPorts.http, path: `/cameras/${id}/snapshot` };
    const response = await requestService(cluster, service, signal).catch((error: unknown) => {
      throw noPod(error, id);
    });
    const image = imageOf(response, id);
    if (file === '-') output.bytes(image);
    else await save(file, image);
    note(file === '-' ? '' : `${file}: ${Math.ceil(image.length / 1024)} KiB`);
    return 0;
  },
};

/** The API server reports an unreachable pod as its own error. */
function noPod(error: unknown, id: string): unknown {
  const isUnreachable =
    error instanceof KubernetesError && (error.status === 503 || error.kind === 'not-found');
  if (!isUnreachable) return error;
  return new CommandError(`the pod of camera ${id} is unreachable\n  see camplane describe ${id}`, {
    cause: error,
  });
}

function imageOf(response: ServiceResponse, id: string): Buffer {
  const { status, contentType, body } = response;
  if (status === 200 && contentType.startsWith('image/jpeg')) return body;
  const problem = problemSchema.safeParse(jsonOf(body));
  const why = problem.success ? problem.data.detail : `camera-service returned status ${status}`;
  throw new CommandError(`camera ${id} has no snapshot: ${why}\n  see camplane describe ${id}`);
}

async function save(file: string, image: Buffer): Promise<void> {
  try {
    await writeFile(file, image);
  } catch (cause) {
    throw new CommandError(`cannot write ${file}: ${messageOf(cause)}`, { cause });
  }
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
