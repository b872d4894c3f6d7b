import {
  builtInRoles,
  cameraScopeSchema,
  grantSchema,
  permissionNameSchema,
} from '@camplane/contracts/access';
import type { CameraScope, Grant, PermissionName } from '@camplane/contracts/access';
import { z } from 'zod';
import type { RoleRow, SessionRow, TokenRow, UserRow } from '../store/access-schema.ts';
import type { Right } from './principal.ts';

export type StoredUser = Omit<UserRow, 'grants' | 'knownAddresses'> & {
  grants: Grant[];
  knownAddresses: string[];
  /** Grants with their roles resolved. */
  rights: Right[];
};
export type StoredToken = Omit<TokenRow, 'permissions' | 'scope'> & {
  permissions: PermissionName[];
  scope: CameraScope;
};
export type StoredSession = SessionRow;

/** All users, roles, sessions and API tokens at one revision. */
export type Identity = {
  revision: number;
  /** By id. */
  users: ReadonlyMap<string, StoredUser>;
  /** Permissions by name, of all roles. */
  roles: ReadonlyMap<string, readonly PermissionName[]>;
  /** By the hash of their secret. */
  sessions: ReadonlyMap<string, StoredSession>;
  tokens: ReadonlyMap<string, StoredToken>;
  /** The same by their ids. */
  sessionsById: ReadonlyMap<string, StoredSession>;
  tokensById: ReadonlyMap<string, StoredToken>;
};

export const noIdentity: Identity = {
  revision: 0,
  users: new Map(),
  roles: new Map(),
  sessions: new Map(),
  tokens: new Map(),
  sessionsById: new Map(),
  tokensById: new Map(),
};

export type IdentityRows = {
  revision: number;
  users: UserRow[];
  roles: RoleRow[];
  sessions: SessionRow[];
  tokens: TokenRow[];
};

/** Parses rows. What cannot be parsed grants nothing, and is passed to `invalid`. */
export function identityOf(rows: IdentityRows, invalid: (what: string, id: string) => void): Identity {
  const parse = <T>(schema: z.ZodType<T>, value: unknown, otherwise: T, what: string, id: string): T => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    invalid(what, id);
    return otherwise;
  };
  const permissions = z.array(permissionNameSchema);
  const roles = new Map<string, readonly PermissionName[]>(Object.entries(builtInRoles));
  for (const { name, permissions: stored } of rows.roles) {
    // A stored role never replaces a built-in one.
    if (!roles.has(name)) roles.set(name, parse(permissions, stored, [], 'role', name));
  }
  const users = rows.users.map((row): StoredUser => {
    const grants = parse(z.array(grantSchema), row.grants, [], 'user', row.id);
    const knownAddresses = parse(z.array(z.string()), row.knownAddresses, [], 'user', row.id);
    return { ...row, grants, knownAddresses, rights: rightsOf(grants, roles) };
  });
  const tokens = rows.tokens.map((row): StoredToken => ({
    ...row,
    permissions: parse(permissions, row.permissions, [], 'token', row.id),
    scope: parse<CameraScope>(cameraScopeSchema, row.scope, { kind: 'cameras', ids: [] }, 'token', row.id),
  }));
  return {
    revision: rows.revision,
    roles,
    users: new Map(users.map((user) => [user.id, user])),
    sessions: new Map(rows.sessions.map((session) => [session.secretHash, session])),
    tokens: new Map(tokens.map((token) => [token.secretHash, token])),
    sessionsById: new Map(rows.sessions.map((session) => [session.id, session])),
    tokensById: new Map(tokens.map((token) => [token.id, token])),
  };
}

/** Grants with their roles resolved. A role that does not exist grants nothing. */
export function rightsOf(grants: readonly Grant[], roles: Identity['roles']): Right[] {
  return grants.map(({ role, scope }) => ({ permissions: new Set(roles.get(role) ?? []), scope }));
}

export function userNamed(identity: Identity, username: string): StoredUser | undefined {
  return [...identity.users.values()].find((user) => user.username === username);
}

/**
 * Enabled, with the role `admin` on all cameras, and with a password: an installation needs an administrator who can sign in while the
 * issuer is unreachable, and whose grants do not depend on it.
 */
export function isAdministrator({ enabled, grants, passwordHash }: StoredUser): boolean {
  return (
    enabled &&
    passwordHash !== null &&
    grants.some(({ role, scope }) => role === 'admin' && scope.kind === 'all')
  );
}
