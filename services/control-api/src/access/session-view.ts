import { permissionNameSchema } from '@camplane/contracts/access';
import type { CameraScope, CurrentSession, RightView, Session } from '@camplane/contracts/access';
import { signInOf } from './external/external-identity.ts';
import type { Identity, StoredSession } from './identity.ts';
import { sessionExpiresAtMs } from './lifetimes.ts';
import type { Credential, Principal, Right } from './principal.ts';
import { requireUser } from './require-principal.ts';

/** Who calls, and what they may do: the answer of `readSession`. */
export function currentSessionOf(principal: Principal, identity: Identity): CurrentSession {
  if (principal.kind === 'unrestricted') return unrestrictedSession;
  const { userId, username, credential, limits } = requireUser(principal);
  const user = identity.users.get(userId);
  const displayName = user?.displayName ?? '';
  return {
    method: credential.kind,
    userId,
    username,
    displayName: displayName === '' ? username : displayName,
    signIn: user ? signInOf(user) : credential.kind === 'proxy' ? 'proxy' : 'oidc',
    rights: limits.reduce(intersectionOf).map(toView),
    expiresAt: expiryOf(credential, identity)?.toISOString() ?? null,
  };
}

function expiryOf(credential: Credential, { sessionsById, tokensById }: Identity): Date | null | undefined {
  switch (credential.kind) {
    case 'session': {
      const session = sessionsById.get(credential.id);
      return session && new Date(sessionExpiresAtMs(session));
    }
    case 'token':
      return tokensById.get(credential.id)?.expiresAt;
    case 'jwt':
      return new Date(credential.expiresAtMs);
    case 'proxy':
      return null;
  }
}

const unrestrictedSession: CurrentSession = {
  method: 'none',
  userId: null,
  username: null,
  displayName: 'owner',
  signIn: null,
  rights: [{ permissions: [...permissionNameSchema.options], scope: { kind: 'all' } }],
  expiresAt: null,
};

export function sessionView(session: StoredSession, principal: Principal): Session {
  return {
    id: session.id,
    userId: session.userId,
    createdAt: session.createdAt.toISOString(),
    lastUsedAt: session.lastUsedAt.toISOString(),
    expiresAt: new Date(sessionExpiresAtMs(session)).toISOString(),
    address: session.address,
    userAgent: session.userAgent,
    current: principal.kind === 'user' && principal.credential.id === session.id,
  };
}

function toView({ permissions, scope }: Right): RightView {
  return { permissions: [...permissions], scope };
}

/** Rights that both lists grant. Named cameras that have a label cannot be expressed; they are left out. */
function intersectionOf(ours: readonly Right[], theirs: readonly Right[]): Right[] {
  return ours.flatMap((our) =>
    theirs.flatMap((their) => {
      const permissions = new Set([...our.permissions].filter((each) => their.permissions.has(each)));
      const scope = scopeOfBoth(our.scope, their.scope);
      return scope && permissions.size > 0 ? [{ permissions, scope }] : [];
    }),
  );
}

function scopeOfBoth(a: CameraScope, b: CameraScope): CameraScope | undefined {
  if (a.kind === 'all') return b;
  if (b.kind === 'all') return a;
  if (a.kind === 'cameras' && b.kind === 'cameras') {
    const ids = a.ids.filter((id) => b.ids.includes(id));
    return ids.length === 0 ? undefined : { kind: 'cameras', ids };
  }
  const isSame = a.kind === 'label' && b.kind === 'label' && a.key === b.key && a.value === b.value;
  return isSame ? a : undefined;
}
