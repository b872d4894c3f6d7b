import type { CreateSession } from '@camplane/contracts/access';
import { CamplaneError } from '@camplane/contracts/problem';
import type { WallClock } from '@camplane/runtime/clock';
import { and, eq, ne } from 'drizzle-orm';
import type { IncomingMessage } from 'node:http';
import type { Handlers } from '../http/api-router.ts';
import { sessionTable, userTable } from '../store/access-schema.ts';
import type { Access } from './access.ts';
import { callerOf } from './caller.ts';
import type { StoredSession, StoredUser } from './identity.ts';
import type { IdentityStore } from './identity-store.ts';
import { isSessionExpired } from './lifetimes.ts';
import { wrongLogin } from './login.ts';
import type { Login } from './login.ts';
import { requireStrongPassword } from './password-policy.ts';
import type { Passwords } from './passwords.ts';
import type { Principal } from './principal.ts';
import { mayManage, requireSession, requireUser } from './require-principal.ts';
import { endedSessionCookie, isSecure, sessionCookie } from './session-cookie.ts';
import { currentSessionOf, sessionView } from './session-view.ts';
import type { WelcomeToken } from './welcome-token.ts';

type SessionOperation =
  'createSession' | 'readSession' | 'deleteSession' | 'changePassword' | 'listSessions' | 'endSession';

export type SessionDeps = {
  store: IdentityStore;
  wallClock: WallClock;
  login: Login;
  passwords: Passwords;
  welcome: WelcomeToken;
  sessionOf(request: IncomingMessage): StoredSession | undefined;
  audit: Access['audit'];
  onPasswordChanged(username: string): Promise<void>;
};

/** The operations on sessions. */
export function sessionHandlers(deps: SessionDeps): Pick<Handlers, SessionOperation> {
  const { store, wallClock } = deps;
  return {
    createSession: ({ body, response }) => signIn(deps, body, response.req),
    readSession: async ({ principal }) => ({ answer: currentSessionOf(principal, store.current()) }),
    deleteSession: async ({ principal, response }) => {
      const { credential } = requireSession(principal, 'sign out');
      await endSession(store, credential.id);
      response.set('Set-Cookie', endedSessionCookie(response.req));
      return 'empty';
    },
    changePassword: async ({ principal, body, response }) => {
      await changePassword(deps, principal, body, response.req);
      return 'empty';
    },
    listSessions: async ({ principal }) => {
      const userId = principal.kind === 'unrestricted' ? null : requireUser(principal).userId;
      const own = [...store.current().sessions.values()].filter(
        (session) => session.userId === userId && !isSessionExpired(session, wallClock.epochMs()),
      );
      own.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
      return { answer: { items: own.map((session) => sessionView(session, principal)) } };
    },
    endSession: async ({ principal, id }) => {
      const session = store.current().sessionsById.get(id);
      // The session of another user answers like one that does not exist.
      if (!session || !mayManage(principal, session.userId)) throw sessionNotFound(id);
      await endSession(store, id);
      return 'empty';
    },
  };
}

async function signIn(deps: SessionDeps, body: CreateSession, request: IncomingMessage) {
  const { store, login, welcome, sessionOf, audit } = deps;
  const caller = callerOf(request);
  const username = 'username' in body ? body.username.toLowerCase() : null;
  const record = (entry: {
    outcome: 'allowed' | 'refused';
    username: string | null;
    id: string | null;
    detail: string;
  }) =>
    audit({
      action: 'createSession',
      outcome: entry.outcome,
      username: entry.username,
      method: 'password',
      credentialId: entry.id,
      cameraId: null,
      address: caller.address,
      detail: entry.detail,
    });
  try {
    const user =
      'username' in body ? await login.verify(body, caller.address) : redeem(welcome, body.welcomeToken);
    const { secret, session } = await login.open(user, caller, sessionOf(request)?.id);
    const how = 'username' in body ? 'with a password' : 'with the one-time address of a start';
    record({ outcome: 'allowed', username: user.username, id: session.id, detail: `Signed in ${how}` });
    const credential = { kind: 'session' as const, id: session.id };
    const { id: userId, rights } = user;
    const principal = {
      kind: 'user' as const,
      userId,
      username: user.username,
      credential,
      limits: [rights],
    };
    return {
      answer: currentSessionOf(principal, store.current()),
      headers: { 'Set-Cookie': sessionCookie(secret, isSecure(request)) },
    };
  } catch (error) {
    const isRefusal = error instanceof CamplaneError && /^(wrong-login|too-many-requests)$/.test(error.kind);
    if (isRefusal) record({ outcome: 'refused', username, id: null, detail: error.message });
    throw error;
  }
}

function redeem(welcome: WelcomeToken, token: string): StoredUser {
  const user = welcome.redeem(token);
  if (user) return user;
  throw new CamplaneError(
    'wrong-login',
    'This address has been used, or is older than a day: sign in with a password, or restart Camplane for a new address',
  );
}

async function changePassword(
  { store, login, passwords, onPasswordChanged }: SessionDeps,
  principal: Principal,
  { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
  request: IncomingMessage,
): Promise<void> {
  const { userId, username, credential } = requireSession(principal, 'change a password');
  const user = await login.verify({ username, password: currentPassword }, callerOf(request).address);
  requireStrongPassword(newPassword, username, 'newPassword');
  const passwordHash = await passwords.hash(newPassword);
  await store.change(async (tx, identity) => {
    // Reset since it was verified.
    if (identity.users.get(userId)?.passwordHash !== user.passwordHash) throw wrongLogin();
    await tx.update(userTable).set({ passwordHash }).where(eq(userTable.id, userId));
    await tx
      .delete(sessionTable)
      .where(and(eq(sessionTable.userId, userId), ne(sessionTable.id, credential.id)));
  });
  await onPasswordChanged(username);
}

function endSession(store: IdentityStore, id: string): Promise<void> {
  return store.change(async (tx) => void (await tx.delete(sessionTable).where(eq(sessionTable.id, id))));
}

function sessionNotFound(id: string): CamplaneError {
  return new CamplaneError('session-not-found', `No session has the id '${id}'`);
}
