import { messageOf } from '@camplane/runtime/message-of';
import { writeFile } from 'node:fs/promises';
import { apiOptionDetails, apiOptions, callApi } from '../call-api.ts';
import type { Command } from '../command.ts';
import { CommandError, UsageError } from '../command-errors.ts';
import { findCamera } from '../find-camera.ts';

export const snapshotCommand: Command = {
  name: 'snapshot',
  usage: 'snapshot ID',
  summary: 'Save the camera’s latest frame as a JPEG file',
  details: [
    'The request goes through the API server to control-api, without port forwarding.',
    '  -o, --output FILE      file to write (default: ID.jpg), - for standard output',
    ...apiOptionDetails,
  ],
  options: { output: { type: 'string', short: 'o' }, ...apiOptions },
  positionals: { min: 1, max: 1 },
  json: false,
  run: async (context) => {
    const { positionals, options, output, note } = context;
    const id = positionals[0] ?? '';
    const file = typeof options['output'] === 'string' ? options['output'] : `${id}.jpg`;
    if (file === '-' && output.isTerminal) {
      throw new UsageError(
        'refusing to write an image to a terminal, name a file with --output or use a pipe',
      );
    }
    if (options['api'] === undefined) {
      const camera = await findCamera(context.cluster, id, context.signal);
      if (!camera.enabled) {
        throw new CommandError(`camera ${id} is disabled (spec.enabled) and has no snapshot`);
      }
    }
    const image = await callApi(context, 'camera.view', (api, callOptions) =>
      api.readSnapshot({ id }, callOptions),
    );
    if (file === '-') output.bytes(image);
    else await save(file, image);
    note(file === '-' ? '' : `${file}: ${Math.ceil(image.length / 1024)} KiB`);
    return 0;
  },
};

async function save(file: string, image: Uint8Array): Promise<void> {
  try {
    await writeFile(file, image);
  } catch (cause) {
    throw new CommandError(`cannot write ${file}: ${messageOf(cause)}`, { cause });
  }
}
