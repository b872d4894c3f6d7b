import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { StartupError } from './startup-error.ts';

const secretMaxBytes = 1024;

/**
 * Reads the first KiB of a file with one secret, which must be readable by its owner alone.
 *
 * @returns undefined if the file does not exist
 * @throws StartupError with the remedy
 */
export function readSecretFile(file: string): string | undefined {
  const descriptor = openUnlessMissing(file);
  if (descriptor === undefined) return undefined;
  try {
    const { mode } = fstatSync(descriptor);
    if ((mode & 0o077) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      throw new StartupError(`${file} has the mode ${octal} and can be read by others: chmod 600 ${file}`);
    }
    const bytes = Buffer.alloc(secretMaxBytes);
    return bytes.toString('utf8', 0, readSync(descriptor, bytes)).trimEnd();
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Creates a file with a secret and mode 0600. It appears complete or not at all, and an existing file stays, so that of
 * two processes that start together both read the same secret.
 *
 * @param remedy what to do if that fails, after the reason
 * @throws StartupError
 */
export function createSecretFile(file: string, secret: string, remedy: string): void {
  const unfinished = `${file}.${randomUUID()}.unfinished`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(unfinished, `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true });
    try {
      linkUnlessExists(unfinished, file);
    } finally {
      rmSync(unfinished);
    }
    syncFolder(dirname(file));
  } catch (error) {
    const { message } = error as NodeJS.ErrnoException;
    throw new StartupError(`${file} could not be created: ${message}. ${remedy}`, { cause: error });
  }
}

function linkUnlessExists(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function openUnlessMissing(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new StartupError(`${file} cannot be read: ${message}`, { cause: error });
  }
}

/** Without it, a power failure could lose the file after data was encrypted with its secret. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
