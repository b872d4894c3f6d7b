import { messageOf } from '@camplane/runtime/message-of';
import { readFile } from 'node:fs/promises';
import type { CommandContext } from './command.ts';
import { CommandError } from './command-errors.ts';

/**
 * The API token for direct requests, or null. Never read from the arguments, which are visible to every user of the
 * machine.
 */
export async function readToken({
  options,
  env,
}: Pick<CommandContext, 'options' | 'env'>): Promise<string | null> {
  const given = options['token-file'];
  const token = env['CAMPLANE_TOKEN'] ?? '';
  if (typeof given !== 'string' && token !== '') return withoutSpaces(token, 'CAMPLANE_TOKEN');
  const file = typeof given === 'string' ? given : (env['CAMPLANE_TOKEN_FILE'] ?? '');
  if (file === '') return null;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CommandError(`cannot read the API token: ${messageOf(error)}`, { cause: error });
  });
  return withoutSpaces(text, file);
}

function withoutSpaces(text: string, where: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new CommandError(`${where} does not contain an API token, such as cpl_…`);
}
