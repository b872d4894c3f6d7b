import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { credentialsSchema } from '@camplane/contracts/camera';
import type { Credentials } from '@camplane/contracts/camera';

const readAttempts = 5;

/**
 * Credentials from a mounted Secret: the files `username` and `password`; null where there is neither. A volume of
 * Kubernetes is changed as a whole, by putting another folder behind the link `..data`: both files are read from the
 * same folder, so that a new password never goes with an old name.
 * @throws where a file is there and is not what it should be; the message holds nothing of its content
 */
export async function readCredentials(folder: string): Promise<Credentials | null> {
  for (let attempt = 1; attempt <= readAttempts; attempt += 1) {
    const before = await currentFolder(folder);
    const [username, password] = [await readLine(before, 'username'), await readLine(before, 'password')];
    // Exchanged meanwhile: what was missing may have been removed with the old folder.
    if ((await currentFolder(folder)) !== before) continue;
    return username === null && password === null ? null : parse({ username, password });
  }
  throw new Error('the credentials change faster than they can be read');
}

async function currentFolder(folder: string): Promise<string> {
  return (await unlessMissing(realpath(join(folder, '..data')))) ?? folder;
}

/** Whoever writes a Secret with `echo` leaves a line break behind. */
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
