import { newPasswordSchema } from '@camplane/contracts/access';
import type { WallClock } from '@camplane/runtime/clock';
import { createSecretFile, readSecretFile } from '@camplane/service-kit/secret-file';
import { StartupError } from '@camplane/service-kit/startup-error';
import type { Logger } from '@camplane/service-kit/logging';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { userTable } from '../store/access-schema.ts';
import type { IdentityStore } from './identity-store.ts';
import { weaknessOf } from './password-policy.ts';
import type { Passwords } from './passwords.ts';
import { newSecret } from './secret.ts';

export const firstUsername = 'admin';

export function adminPasswordFile(dataDir: string): string {
  return join(dataDir, 'admin-password');
}

/**
 * Creates the user `admin` in an installation without users, with the configured password or a random one that is
 * written to a file. @throws CamplaneError `store-unavailable`
 */
export async function createFirstAdministrator(deps: {
  store: IdentityStore;
  passwords: Passwords;
  adminPassword: string | undefined;
  dataDir: string;
  wallClock: WallClock;
  log: Logger;
}): Promise<void> {
  const { store, passwords, adminPassword, dataDir, wallClock, log } = deps;
  if (store.current().users.size > 0) return;
  const isCreated = await store.change(async (tx, { users }) => {
    // Another replica was faster.
    if (users.size > 0) return false;
    // Before the user is stored: otherwise a crash in between would leave a password that is written nowhere.
    const passwordHash = await passwords.hash(adminPassword ?? passwordOfFile(adminPasswordFile(dataDir)));
    await tx.insert(userTable).values({
      id: randomUUID(),
      username: firstUsername,
      displayName: 'Administrator',
      passwordHash,
      externalIssuer: null,
      externalSubject: null,
      enabled: true,
      grants: [{ role: 'admin', scope: { kind: 'all' } }],
      knownAddresses: [],
      createdAt: new Date(wallClock.epochMs()),
      lastLoginAt: null,
    });
    return true;
  });
  if (!isCreated) return;
  const source = adminPassword === undefined ? adminPasswordFile(dataDir) : 'CAMPLANE_ADMIN_PASSWORD';
  log.info({ username: firstUsername, source }, 'first administrator created');
}

/** @throws StartupError if the configured password is too easy to guess */
export function requireUsable(adminPassword: string | undefined): void {
  const weakness = adminPassword === undefined ? undefined : weaknessOf(adminPassword, firstUsername);
  if (weakness !== undefined) throw new StartupError(`CAMPLANE_ADMIN_PASSWORD ${weakness}`);
}

/** A password that no longer works should not lie around. */
export async function removeAdminPasswordFile(username: string, dataDir: string): Promise<void> {
  if (username === firstUsername) await rm(adminPasswordFile(dataDir), { force: true }).catch(() => {});
}

/** A start that was killed before it stored the user has left the file. @throws StartupError */
function passwordOfFile(file: string): string {
  createSecretFile(file, newSecret(), 'Make its folder writable, or set CAMPLANE_ADMIN_PASSWORD');
  const password = readSecretFile(file) ?? '';
  const isLong = newPasswordSchema.safeParse(password).success;
  if (isLong && weaknessOf(password, firstUsername) === undefined) return password;
  throw new StartupError(`${file} contains no usable password: delete it, and start again`);
}
