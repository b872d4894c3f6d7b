import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '@camplane/service-kit/startup-error';

const secretMinLength = 32;

/**
 * The secret that stream tickets are signed with: the configured one, which replicas share, or one that the first start
 * writes to `DATA_DIR/media-ticket-secret` for its owner alone. It is not in the database, so that a stolen database
 * signs no tickets.
 *
 * @throws StartupError if the file is damaged
 */
export async function loadTicketSecret(config: { ticketSecret?: string; dataDir: string }): Promise<string> {
  if (config.ticketSecret !== undefined) return config.ticketSecret;
  const file = join(config.dataDir, 'media-ticket-secret');
  await mkdir(config.dataDir, { recursive: true });
  // `wx`: of two starts at once, the second reads what the first wrote.
  await writeFile(file, randomBytes(32).toString('base64url'), {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const secret = (await readFile(file, 'utf8')).trim();
  if (secret.length >= secretMinLength) return secret;
  throw new StartupError(`${file} is damaged: delete it, then stream tickets in use become invalid`);
}
