import type { Grant } from '@camplane/contracts/access';
import type { WallClock } from '@camplane/runtime/clock';
import { eq } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { sessionTable, userTable } from '../../store/access-schema.ts';
import type { StoredUser, Identity } from '../identity.ts';
import type { IdentityStore } from '../identity-store.ts';
import { externalUser, usernameFor } from './external-identity.ts';
import type { ExternalIdentity } from './external-identity.ts';
import { grantsOfGroups } from './role-mapping.ts';
import type { RoleMapping } from './role-mapping.ts';

/** The users of an issuer or proxy among the stored ones. */
export type ExternalUsers = {
  /**
   * Stores what the issuer says now: the user's name and the grants of their groups. Adds who is not known yet. Who has no
   * mapped group is not added; a known user loses their grants and sessions then.
   *
   * @returns the user, or undefined for one without a mapped group
   * @throws CamplaneError `store-unavailable`
   */
  record(external: ExternalIdentity): Promise<StoredUser | undefined>;
  /** Whether `record` would change nothing. */
  isRecorded(external: ExternalIdentity): boolean;
};

export function createExternalUsers(deps: {
  store: IdentityStore;
  wallClock: WallClock;
  mapping: readonly RoleMapping[];
}): ExternalUsers {
  const { store, wallClock, mapping } = deps;
  const grantsOf = ({ groups }: ExternalIdentity): Grant[] => grantsOfGroups(mapping, groups);
  return {
    isRecorded: (external) => {
      const user = externalUser(store.current(), external);
      const grants = grantsOf(external);
      return user ? isSame(user, external, grants) : grants.length === 0;
    },
    record: async (external) => {
      const grants = grantsOf(external);
      const id = await store.change(async (tx, identity): Promise<string | undefined> => {
        const known = externalUser(identity, external);
        if (!known) {
          if (grants.length === 0) return undefined;
          const user = newUser(identity, external, grants, wallClock);
          await tx.insert(userTable).values(user);
          return user.id;
        }
        const { displayName } = external;
        await tx.update(userTable).set({ displayName, grants }).where(eq(userTable.id, known.id));
        if (grants.length > 0) return known.id;
        await tx.delete(sessionTable).where(eq(sessionTable.userId, known.id));
        return undefined;
      });
      return id === undefined ? undefined : store.current().users.get(id);
    },
  };
}

function isSame(user: StoredUser, { displayName }: ExternalIdentity, grants: Grant[]): boolean {
  return user.displayName === displayName && isDeepStrictEqual(user.grants, grants);
}

function newUser(
  identity: Identity,
  external: ExternalIdentity,
  grants: Grant[],
  { epochMs }: WallClock,
): typeof userTable.$inferInsert {
  return {
    id: randomUUID(),
    username: usernameFor(identity, external),
    displayName: external.displayName,
    passwordHash: null,
    externalIssuer: external.issuer,
    externalSubject: external.subject,
    enabled: true,
    grants,
    knownAddresses: [],
    createdAt: new Date(epochMs()),
    lastLoginAt: null,
  };
}
