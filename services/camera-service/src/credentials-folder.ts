import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { credentialsSchema } from '@camplane/contracts/camera';
import type { Credentials } from '@camplane/contracts/camera';

const readAttempts = 5;

/**
 * Credentials from a mounted Secret: the files `username` and `password`; null if neither exists. Kubernetes updates a
 * volume atomically, by linking `..data` to another folder. Both files are read from the same folder, so that a new
 * password is never combined with an old name.
 *
 * @throws if a file is invalid; the message contains nothing of its content
 */
export async function readCredentials(folder: string): Promise<Credentials | null> {
  for (let attempt = 1; attempt <= readAttempts; attempt += 1) {
    const before = await currentFolder(folder);
    const [username, password] = [await readLine(before, 'username'), await readLine(before, 'password')];
    // The volume was updated meanwhile, and a missing file may have been removed with the old folder.
    if ((await currentFolder(folder)) !== before) continue;
    return username === null && password === null ? null : parse({ username, password });
  }
  throw new Error('the credentials change faster than they can be read');
}

async function currentFolder(folder: string): Promise<string> {
  return (await unlessMissing(realpath(join(folder, '..data')))) ?? folder;
}

/** A Secret that was created with `echo` ends with a line break. */
async function readLine(folder: string, file: string): Promise<string | null> {
  const text = await unlessMissing(readFile(join(folder, file), 'utf8'));
  return text === null ? null : text.replace(/\r?\n$/, '');
}

function parse(given: { username: string | null; password: string | null }): Credentials {
  const parsed = credentialsSchema.safeParse({
    username: given.username ?? '',
    password: given.password ?? '',
  });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  throw new Error(`the credentials are not valid: ${faults.join('; ')}`);
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
