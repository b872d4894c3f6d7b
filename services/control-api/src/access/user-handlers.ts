import type { Grant, User } from '@camplane/contracts/access';
import { operationPath } from '@camplane/contracts/operations';
import { CamplaneError } from '@camplane/contracts/problem';
import type { WallClock } from '@camplane/runtime/clock';
import { eq } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Handlers } from '../http/api-router.ts';
import { sessionTable, tokenTable, userTable } from '../store/access-schema.ts';
import { proxyIssuer, signInOf } from './external/external-identity.ts';
import { isAdministrator, userNamed } from './identity.ts';
import type { Identity, StoredUser } from './identity.ts';
import type { IdentityStore } from './identity-store.ts';
import { requireStrongPassword } from './password-policy.ts';
import type { Passwords } from './passwords.ts';

type UserOperation = 'listUsers' | 'createUser' | 'readUser' | 'replaceUser' | 'deleteUser' | 'resetPassword';

export type UserDeps = {
  store: IdentityStore;
  passwords: Passwords;
  wallClock: WallClock;
  onPasswordChanged(username: string): Promise<void>;
};

/** The operations on users. */
export function userHandlers(deps: UserDeps): Pick<Handlers, UserOperation> {
  const { store, passwords, wallClock } = deps;
  return {
    listUsers: async () => {
      const users = [...store.current().users.values()];
      users.sort((a, b) => (a.username < b.username ? -1 : 1));
      return { answer: { items: users.map(userView) } };
    },
    createUser: async ({ body: { password, ...body } }) => {
      requireStrongPassword(password, body.username, 'password');
      requireRoles(store.current(), body.grants);
      requireUnused(store.current(), body.username);
      const user = {
        id: randomUUID(),
        ...body,
        passwordHash: await passwords.hash(password),
        externalIssuer: null,
        externalSubject: null,
        knownAddresses: [],
        createdAt: new Date(wallClock.epochMs()),
        lastLoginAt: null,
      };
      await store.change(async (tx, identity) => {
        requireRoles(identity, body.grants);
        requireUnused(identity, body.username);
        await tx.insert(userTable).values(user);
      });
      return { answer: userView(user), headers: { Location: operationPath('readUser', { id: user.id }) } };
    },
    readUser: async ({ id }) => ({ answer: userView(requireStored(store.current(), id)) }),
    replaceUser: async ({ id, body }) => {
      const user = await store.change(async (tx, identity) => {
        const current = requireStored(identity, id);
        requireRoles(identity, body.grants);
        requireOwnGrants(current, body.grants);
        const replaced = { ...current, ...body };
        if (!isAdministrator(replaced)) requireAnotherAdministrator(identity, current);
        await tx.update(userTable).set(body).where(eq(userTable.id, id));
        // Otherwise they would be valid again when the user is enabled again.
        if (!body.enabled) await tx.delete(sessionTable).where(eq(sessionTable.userId, id));
        return replaced;
      });
      return { answer: userView(user) };
    },
    deleteUser: async ({ id }) => {
      await store.change(async (tx, identity) => {
        requireAnotherAdministrator(identity, requireStored(identity, id));
        // Sessions and tokens are deleted with it.
        await tx.delete(userTable).where(eq(userTable.id, id));
      });
      return 'empty';
    },
    resetPassword: async ({ id, body }) => {
      await setPassword(deps, requireStored(store.current(), id), body.password);
      return 'empty';
    },
  };
}

/**
 * Sets a password, ends the sessions of its user and revokes their API tokens: who knew the old password may have made some.
 *
 * @throws CamplaneError `invalid-body`, `user-not-found`, `external-user`
 */
export async function setPassword(
  { store, passwords, onPasswordChanged }: Omit<UserDeps, 'wallClock'>,
  user: StoredUser,
  password: string,
): Promise<void> {
  const { id, username } = user;
  requireLocal(user);
  requireStrongPassword(password, username, 'password');
  const passwordHash = await passwords.hash(password);
  await store.change(async (tx, identity) => {
    requireStored(identity, id);
    await tx.update(userTable).set({ passwordHash }).where(eq(userTable.id, id));
    await tx.delete(sessionTable).where(eq(sessionTable.userId, id));
    await tx.delete(tokenTable).where(eq(tokenTable.userId, id));
  });
  await onPasswordChanged(username);
}

function requireStored({ users }: Identity, id: string): StoredUser {
  const user = users.get(id);
  if (!user) throw new CamplaneError('user-not-found', `No user has the id '${id}'`);
  return user;
}

function requireLocal(user: StoredUser): void {
  if (user.passwordHash !== null) return;
  throw new CamplaneError(
    'external-user',
    `${user.username} has no password here: ${elsewhere(user)} decides who signs in. Disable the user to keep them out`,
  );
}

function requireOwnGrants(user: StoredUser, grants: readonly Grant[]): void {
  if (user.passwordHash !== null || isDeepStrictEqual(user.grants, grants)) return;
  throw new CamplaneError(
    'external-user',
    `The grants of ${user.username} come from their groups at ${elsewhere(user)}: change the groups, or CAMPLANE_ROLE_MAPPING`,
  );
}

function elsewhere({ externalIssuer }: StoredUser): string {
  return externalIssuer === proxyIssuer ? 'the authenticating proxy' : (externalIssuer ?? 'the issuer');
}

function requireUnused(identity: Identity, username: string): void {
  if (userNamed(identity, username) === undefined) return;
  throw new CamplaneError('user-exists', `There is a user '${username}' already: choose another name`);
}

function requireRoles({ roles }: Identity, grants: readonly Grant[]): void {
  const fields = grants.flatMap(({ role }, index) =>
    roles.has(role)
      ? []
      : [{ path: `grants.${index}.role`, message: `must be one of ${[...roles.keys()].join(', ')}` }],
  );
  if (fields.length === 0) return;
  const [first] = fields;
  throw new CamplaneError('invalid-body', `${first?.path}: ${first?.message}`, { fields });
}

/** Before a user loses what makes them an administrator. */
function requireAnotherAdministrator({ users }: Identity, user: StoredUser): void {
  if (!isAdministrator(user)) return;
  if ([...users.values()].some((other) => other.id !== user.id && isAdministrator(other))) return;
  throw new CamplaneError(
    'last-administrator',
    `${user.username} is the last enabled user with the role admin on all cameras: make another one first`,
  );
}

function userView(user: Omit<StoredUser, 'rights'>): User {
  const { id, username, displayName, enabled, grants, createdAt, lastLoginAt } = user;
  return {
    id,
    username,
    displayName,
    signIn: signInOf(user),
    enabled,
    grants,
    createdAt: createdAt.toISOString(),
    lastLoginAt: lastLoginAt?.toISOString() ?? null,
  };
}
