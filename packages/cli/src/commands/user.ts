import { usernameSchema } from '@camplane/contracts/access';
import { parsePasswordReset, passwordResetFolder } from '@camplane/contracts/password-reset';
import type { PasswordResetAnswer } from '@camplane/contracts/password-reset';
import { messageOf } from '@camplane/runtime/message-of';
import { readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command, CommandContext } from '../command.ts';
import { CommandError, UsageError } from '../command-errors.ts';

const usage = 'user reset NAME';
const answerTimeoutMs = 15_000;
const answerIntervalMs = 100;

export const userCommand: Command = {
  name: 'user',
  usage,
  summary: 'Give a user a new random password, on the machine that runs Camplane',
  details: [
    'It prints the password and ends the user’s sessions. Camplane must be running. Needs write access to its data folder.',
    '      --data-dir DIR     data folder of Camplane (default: DATA_DIR or ./data)',
  ],
  options: { 'data-dir': { type: 'string' } },
  positionals: { min: 2, max: 2 },
  json: false,
  run: async (context) => {
    const [action, name = ''] = context.positionals;
    if (action !== 'reset') throw new UsageError(`unknown action '${action}', usage: camplane ${usage}`);
    const parsed = usernameSchema.safeParse(name);
    if (!parsed.success) throw new UsageError(`'${name}' ${parsed.error.issues[0]?.message}`);
    const answer = await requestReset(context, dataFolderOf(context), name);
    if ('refused' in answer) throw new CommandError(answer.refused);
    context.output.line(answer.password);
    context.note(`This is the new password of ${name}. Sign in and change it.`);
    return 0;
  },
};

function dataFolderOf({ options, env }: CommandContext): string {
  const given = options['data-dir'];
  if (typeof given === 'string') return given;
  return env['DATA_DIR'] === undefined || env['DATA_DIR'] === '' ? './data' : env['DATA_DIR'];
}

/** Removes its file in every case. */
async function requestReset(
  { signal }: CommandContext,
  dataFolder: string,
  name: string,
): Promise<PasswordResetAnswer> {
  const file = join(dataFolder, passwordResetFolder, name);
  await writeFile(file, '', { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
    throw explained(error, dataFolder, name);
  });
  try {
    for (let waitedMs = 0; waitedMs < answerTimeoutMs; waitedMs += answerIntervalMs) {
      await delay(answerIntervalMs, undefined, { signal });
      const answer = parsePasswordReset(await readFile(file, 'utf8'));
      if (answer) return answer;
    }
  } finally {
    await unlink(file).catch(() => undefined);
  }
  throw new CommandError(
    `Camplane does not run with the data folder ${dataFolder}: start it, then try again`,
  );
}

function explained(error: unknown, dataFolder: string, name: string): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') {
    return new CommandError(
      `${dataFolder} is not the data folder of a Camplane with users: correct --data-dir, or start Camplane once`,
      { cause: error },
    );
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new CommandError(
      `no access to ${dataFolder}: run it as the user that Camplane runs as, or as root`,
      {
        cause: error,
      },
    );
  }
  if (code === 'EEXIST') {
    return new CommandError(
      `another reset of ${name} is under way, or was cancelled: delete ${join(dataFolder, passwordResetFolder, name)}`,
      { cause: error },
    );
  }
  return new CommandError(`cannot request the reset: ${messageOf(error)}`, { cause: error });
}
