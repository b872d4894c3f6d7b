import { randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { StartupError } from '@camplane/service-kit/startup-error';
import { keyFormat, parseCredentialsKey } from './credentials-key.ts';
import type { CredentialsKey } from './credentials-key.ts';

const fileMaxBytes = 64;

/**
 * Reads a key file: 32 bytes in base64, readable by its owner alone.
 *
 * @returns undefined if the file does not exist
 * @throws StartupError with the remedy
 */
export function readKeyFile(file: string): CredentialsKey | undefined {
  const descriptor = openUnlessMissing(file);
  if (descriptor === undefined) return undefined;
  try {
    const { mode, size } = fstatSync(descriptor);
    if ((mode & 0o077) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      throw new StartupError(`${file} has the mode ${octal} and can be read by others: chmod 600 ${file}`);
    }
    const key =
      size > fileMaxBytes ? undefined : parseCredentialsKey(readFileSync(descriptor, 'utf8').trimEnd());
    if (!key) {
      throw new StartupError(
        `${file} has ${size} bytes and is not a key (${keyFormat}): restore it from a backup. ` +
          'Without it, move it away and enter the passwords of the cameras again',
      );
    }
    return key;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Creates a key file with a random key and mode 0600. It appears complete or not at all, and an existing file stays, so
 * that of two processes that start together both use the same key.
 */
export function createKeyFile(file: string): void {
  const unfinished = `${file}.${randomUUID()}.unfinished`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(unfinished, `${randomBytes(32).toString('base64')}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    });
    linkSync(unfinished, file);
    syncFolder(dirname(file));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    throw new StartupError(
      `the key file ${file} could not be created: ${message}. Make its folder writable, or set CAMPLANE_CREDENTIALS_KEY`,
      { cause: error },
    );
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function openUnlessMissing(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new StartupError(`the key file ${file} cannot be read: ${message}`, { cause: error });
  }
}

/** Without it, a power failure could lose the file after rows were encrypted with its key. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
