import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createSecretFile, readSecretFile } from '@camplane/service-kit/secret-file';
import { StartupError } from '@camplane/service-kit/startup-error';

const secretMinLength = 32;

/**
 * The secret that stream tickets are signed with: the configured one, which replicas share, or one that the first start
 * writes to `DATA_DIR/media-ticket-secret` for its owner alone. It is not in the database, so that a stolen database
 * signs no tickets.
 *
 * @throws StartupError if the file is damaged, or others can read it
 */
export function loadTicketSecret(config: { ticketSecret?: string; dataDir: string }): string {
  if (config.ticketSecret !== undefined) return config.ticketSecret;
  const file = join(config.dataDir, 'media-ticket-secret');
  if (readSecretFile(file) === undefined) {
    createSecretFile(
      file,
      randomBytes(32).toString('base64url'),
      'Make its folder writable, or set MEDIA_TICKET_SECRET',
    );
  }
  const secret = readSecretFile(file) ?? '';
  if (secret.length >= secretMinLength) return secret;
  throw new StartupError(`${file} is damaged: delete it, then stream tickets in use become invalid`);
}
