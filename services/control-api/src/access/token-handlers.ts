import type { ApiToken, CreateToken } from '@camplane/contracts/access';
import { CamplaneError } from '@camplane/contracts/problem';
import type { WallClock } from '@camplane/runtime/clock';
import { eq } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import type { Handlers } from '../http/api-router.ts';
import { tokenTable } from '../store/access-schema.ts';
import type { StoredToken } from './identity.ts';
import type { IdentityStore } from './identity-store.ts';
import { mayManage, requirePerson } from './require-principal.ts';
import { hashOfSecret, newTokenSecret } from './secret.ts';

const tokensOfUserMax = 100;

/** The operations on API tokens. */
export function tokenHandlers({
  store,
  wallClock,
}: {
  store: IdentityStore;
  wallClock: WallClock;
}): Pick<Handlers, 'listTokens' | 'createToken' | 'revokeToken'> {
  return {
    listTokens: async ({ principal }) => {
      const visible = [...store.current().tokens.values()].filter(({ userId }) =>
        mayManage(principal, userId),
      );
      visible.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
      return { answer: { items: visible.map(tokenView) } };
    },
    createToken: async ({ principal, body }) => {
      const { userId } = requirePerson(principal, 'create tokens');
      const expiresAt = expiryOf(body, wallClock.epochMs());
      const secret = newTokenSecret();
      const token: StoredToken = {
        id: randomUUID(),
        userId,
        secretHash: hashOfSecret(secret),
        name: body.name,
        permissions: body.permissions,
        scope: body.scope,
        createdAt: new Date(wallClock.epochMs()),
        expiresAt,
        lastUsedAt: null,
      };
      await store.change(async (tx, { tokens, users }) => {
        if (!users.has(userId)) throw new CamplaneError('unauthenticated', 'The user has been deleted');
        if ([...tokens.values()].filter((each) => each.userId === userId).length >= tokensOfUserMax) {
          throw new CamplaneError('forbidden', `You have ${tokensOfUserMax} API tokens: revoke one first`);
        }
        await tx.insert(tokenTable).values(token);
      });
      return { answer: { token: tokenView(token), secret } };
    },
    revokeToken: async ({ principal, id }) => {
      const token = store.current().tokensById.get(id);
      // The token of another user answers like one that does not exist.
      if (!token || !mayManage(principal, token.userId)) {
        throw new CamplaneError('token-not-found', `No token has the id '${id}'`);
      }
      await store.change(async (tx) => void (await tx.delete(tokenTable).where(eq(tokenTable.id, id))));
      return 'empty';
    },
  };
}

function expiryOf({ expiresAt }: CreateToken, nowMs: number): Date | null {
  if (expiresAt === null) return null;
  const date = new Date(expiresAt);
  if (date.getTime() > nowMs) return date;
  const message = 'must be in the future, or null for no expiry';
  throw new CamplaneError('invalid-body', `expiresAt: ${message}`, {
    fields: [{ path: 'expiresAt', message }],
  });
}

function tokenView(token: StoredToken): ApiToken {
  const { id, userId, name, permissions, scope, createdAt, expiresAt, lastUsedAt } = token;
  return {
    id,
    userId,
    name,
    permissions,
    scope,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
