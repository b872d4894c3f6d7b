import { randomBytes } from 'node:crypto';
import { createSecretFile, readSecretFile } from '@camplane/service-kit/secret-file';
import { StartupError } from '@camplane/service-kit/startup-error';
import { keyFormat, parseCredentialsKey } from './credentials-key.ts';
import type { CredentialsKey } from './credentials-key.ts';

/**
 * Reads a key file: 32 bytes in base64, readable by its owner alone.
 *
 * @returns undefined if the file does not exist
 * @throws StartupError with the remedy
 */
export function readKeyFile(file: string): CredentialsKey | undefined {
  const text = readSecretFile(file);
  if (text === undefined) return undefined;
  const key = parseCredentialsKey(text);
  if (key) return key;
  throw new StartupError(
    `${file} is not a key (${keyFormat}): restore it from a backup. ` +
      'Without it, move it away and enter the passwords of the cameras again',
  );
}

/** Creates a key file with a random key. An existing file stays. @throws StartupError */
export function createKeyFile(file: string): void {
  createSecretFile(
    file,
    randomBytes(32).toString('base64'),
    'Make its folder writable, or set CAMPLANE_CREDENTIALS_KEY',
  );
}
