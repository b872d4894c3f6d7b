import type { Credentials } from '@camplane/contracts/camera';
import { openCredentials, sealCredentials } from './envelope.ts';
import type { Envelope, Opened } from './envelope.ts';
import type { CredentialsKeys } from './load-keys.ts';

/** Encrypts and decrypts the column `credentials`. */
export type StoredCredentials = {
  seal(cameraId: string, credentials: Credentials | null): Envelope | null;
  open(cameraId: string, stored: unknown): Opened;
  /** Encrypts again what is plain or has an earlier key; undefined for what stays. */
  renew(cameraId: string, stored: unknown): Envelope | undefined;
};

/** @param keys called with each use; the keys are loaded during the start */
export function createStoredCredentials(keys: () => CredentialsKeys): StoredCredentials {
  return {
    seal: (cameraId, credentials) => credentials && sealCredentials(keys()[0], cameraId, credentials),
    open: (cameraId, stored) => openCredentials(keys(), cameraId, stored),
    renew: (cameraId, stored) => {
      const [current] = keys();
      const opened = openCredentials(keys(), cameraId, stored);
      const isOutdated =
        opened.kind === 'plain' || (opened.kind === 'encrypted' && opened.keyId !== current.id);
      return isOutdated ? sealCredentials(current, cameraId, opened.credentials) : undefined;
    },
  };
}
