import { usernameSchema } from '@camplane/contracts/access';
import { formatPasswordReset } from '@camplane/contracts/password-reset';
import type { PasswordResetAnswer } from '@camplane/contracts/password-reset';
import { chmod, lstat, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type PasswordResets = {
  /** Creates the folder if it is missing. @throws if it cannot be written */
  prepare(): Promise<void>;
  /** Answers the requests that are there. @throws if the folder cannot be read, or `reset` throws */
  answer(): Promise<void>;
};

/** Answered per call. */
const requestsMax = 20;

/**
 * Resets passwords for who administers the machine: see `password-reset.ts` of contracts. The mode of the folder decides
 * who may ask.
 *
 * @param reset sets a new random password of the user, or says in a sentence why it does not
 */
export function createPasswordResets(
  folder: string,
  reset: (username: string) => Promise<PasswordResetAnswer>,
): PasswordResets {
  return {
    prepare: async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await chmod(folder, 0o700);
    },
    answer: async () => {
      for (const name of (await readdir(folder)).slice(0, requestsMax)) {
        if (!usernameSchema.safeParse(name).success) continue;
        const file = join(folder, name);
        const found = await lstat(file).catch(() => null);
        // A file with content is an answer that the requester has not read yet.
        if (found?.isFile() !== true || found.size > 0) continue;
        const text = formatPasswordReset(await reset(name));
        // Renamed, so that a reader sees all of it or nothing, and with a mode that the request does not choose.
        const partial = join(folder, `.${name}`);
        await writeFile(partial, text, { mode: 0o600 });
        await rename(partial, file);
      }
    },
  };
}
