import { join } from 'node:path';
import { StartupError } from '@camplane/service-kit/startup-error';
import { keyFormat, parseCredentialsKey } from './credentials-key.ts';
import type { CredentialsKey } from './credentials-key.ts';
import { createKeyFile, readKeyFile } from './key-file.ts';

export type CredentialsKeyConfig = {
  dataDir: string;
  /** CAMPLANE_CREDENTIALS_KEY. */
  credentialsKey?: string;
  /** CAMPLANE_CREDENTIALS_KEY_FILE; default: `credentials.key` in `dataDir`, created if it does not exist. */
  credentialsKeyFile?: string;
  /** CAMPLANE_CREDENTIALS_KEY_PREVIOUS. */
  credentialsKeyPrevious?: string;
};

/** The first key encrypts; all of them decrypt. */
export type CredentialsKeys = readonly [CredentialsKey, ...CredentialsKey[]];

/**
 * Loads the key of stored credentials, and the previous ones during a rotation.
 *
 * @throws StartupError with the remedy
 */
export function loadCredentialsKeys(config: CredentialsKeyConfig): CredentialsKeys {
  const { dataDir, credentialsKey, credentialsKeyFile, credentialsKeyPrevious } = config;
  if (credentialsKey !== undefined && credentialsKeyFile !== undefined) {
    throw new StartupError(
      'CAMPLANE_CREDENTIALS_KEY and CAMPLANE_CREDENTIALS_KEY_FILE are both set: remove one of them',
    );
  }
  const file = credentialsKeyFile ?? join(dataDir, 'credentials.key');
  const current =
    credentialsKey === undefined
      ? readOrCreate(file)
      : requireKey('CAMPLANE_CREDENTIALS_KEY', credentialsKey);
  const previous = [
    credentialsKeyPrevious === undefined
      ? undefined
      : requireKey('CAMPLANE_CREDENTIALS_KEY_PREVIOUS', credentialsKeyPrevious),
    readKeyFile(`${file}.previous`),
    // An installation that moves from the file to the variable.
    credentialsKey === undefined ? undefined : readKeyFile(file),
  ];
  return [current, ...previous.filter((key) => key !== undefined)];
}

function readOrCreate(file: string): CredentialsKey {
  const known = readKeyFile(file);
  if (known) return known;
  createKeyFile(file);
  const created = readKeyFile(file);
  if (!created) throw new StartupError(`the key file ${file} was removed during the start: start again`);
  return created;
}

function requireKey(variable: string, text: string): CredentialsKey {
  const key = parseCredentialsKey(text);
  if (!key) throw new StartupError(`${variable} must be ${keyFormat}; its value is secret and not shown`);
  return key;
}
