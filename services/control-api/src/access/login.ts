import { CamplaneError } from '@camplane/contracts/problem';
import type { WallClock } from '@camplane/runtime/clock';
import { eq, inArray } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import { sessionTable, userTable } from '../store/access-schema.ts';
import type { SessionRow } from '../store/access-schema.ts';
import type { Caller } from './caller.ts';
import { userNamed } from './identity.ts';
import type { Identity, StoredUser } from './identity.ts';
import type { IdentityStore } from './identity-store.ts';
import type { LoginThrottle } from './login-throttle.ts';
import type { Passwords } from './passwords.ts';
import { hashOfSecret, newSecret } from './secret.ts';

const sessionsOfUserMax = 100;
const knownAddressesMax = 20;

export type Login = {
  /** @throws CamplaneError `wrong-login`, `too-many-requests`, `store-unavailable` */
  verify(login: { username: string; password: string }, address: string): Promise<StoredUser>;
  /**
   * Opens a session for a verified user, and ends the one it replaces.
   *
   * @param maxMs it ends after this time, or earlier by the limits of all sessions
   * @returns its secret and its row
   */
  open(
    user: StoredUser,
    caller: Caller,
    replacedId: string | undefined,
    maxMs?: number,
  ): Promise<{ secret: string; session: SessionRow }>;
};

export function createLogin(deps: {
  store: IdentityStore;
  passwords: Passwords;
  throttle: LoginThrottle;
  wallClock: WallClock;
}): Login {
  const { store, passwords, throttle, wallClock } = deps;
  return {
    verify: async ({ username: entered, password }, address) => {
      // The user may be new, or have a new password, by another replica.
      await store.refresh();
      const username = entered.toLowerCase();
      const user = userNamed(store.current(), username);
      const isKnownAddress = user?.knownAddresses.includes(address) ?? false;
      const attempt = { username, address, isKnownAddress };
      await throttle.begin(attempt);
      const isRight = await passwords.verify(password, user?.passwordHash ?? undefined);
      if (!user?.enabled || !isRight) throw wrongLogin();
      await throttle.succeeded(attempt);
      return user;
    },
    open: (user, caller, replacedId, maxMs) => {
      const secret = newSecret();
      return store.change(async (tx, identity) => {
        const current = identity.users.get(user.id);
        // Disabled or with a new password since it was verified.
        if (!current?.enabled || current.passwordHash !== user.passwordHash) throw wrongLogin();
        const now = new Date(wallClock.epochMs());
        const ended = [
          ...excessSessions(identity, user.id),
          ...(replacedId === undefined ? [] : [replacedId]),
        ];
        if (ended.length > 0) await tx.delete(sessionTable).where(inArray(sessionTable.id, ended));
        const session: SessionRow = {
          id: randomUUID(),
          userId: user.id,
          secretHash: hashOfSecret(secret),
          createdAt: now,
          lastUsedAt: now,
          endsAt: maxMs === undefined ? null : new Date(now.getTime() + maxMs),
          ...caller,
        };
        await tx.insert(sessionTable).values(session);
        const knownAddresses = [...new Set([caller.address, ...current.knownAddresses])];
        await tx
          .update(userTable)
          .set({ lastLoginAt: now, knownAddresses: knownAddresses.slice(0, knownAddressesMax) })
          .where(eq(userTable.id, user.id));
        return { secret, session };
      });
    },
  };
}

export function wrongLogin(): CamplaneError {
  return new CamplaneError('wrong-login', 'The user name or the password is wrong, or the user is disabled');
}

/** The least recently used sessions beyond the limit, one more being added. */
function excessSessions({ sessions }: Identity, userId: string): string[] {
  return [...sessions.values()]
    .filter((session) => session.userId === userId)
    .sort((a, b) => b.lastUsedAt.getTime() - a.lastUsedAt.getTime())
    .slice(sessionsOfUserMax - 1)
    .map(({ id }) => id);
}
