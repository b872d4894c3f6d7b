import { describe, expect, it } from '@jest/globals';
import { ApiError } from '@camplane/api-client/api-error';
import type { CreateSession, CurrentSession } from '@camplane/contracts/access';
import { createSessionStore } from './session-store.ts';
import type { SessionStoreDeps } from './session-store.ts';

const session: CurrentSession = {
  method: 'session',
  userId: '00000001-0000-4000-8000-000000000001',
  username: 'anna',
  displayName: 'Anna',
  signIn: 'password',
  rights: [],
  expiresAt: null,
};
const unauthenticated = () => new ApiError('Sign in first.', { code: 'unauthenticated', status: 401 });
const unreachable = () => new ApiError('The server cannot be reached.', { code: 'unreachable' });

type Server = { session: CurrentSession | null; error: Error | null; tasks: (() => void)[] };

function storeOn(server: Server, deps: Partial<SessionStoreDeps> = {}) {
  return createSessionStore({
    async readSession() {
      if (server.error) throw server.error;
      if (!server.session) throw unauthenticated();
      return server.session;
    },
    async createSession(body: CreateSession) {
      if (server.error) throw server.error;
      if ('welcomeToken' in body && body.welcomeToken !== 'once') throw unauthenticated();
      return (server.session = session);
    },
    async deleteSession() {
      if (server.error) throw server.error;
      server.session = null;
    },
    later(task) {
      server.tasks.push(task);
      return () => undefined;
    },
    random: () => 0,
    ...deps,
  });
}

const newServer = (fields: Partial<Server> = {}): Server => ({
  session: null,
  error: null,
  tasks: [],
  ...fields,
});

describe('the session store', () => {
  it('shows the login page without a session, without a reason', async () => {
    const store = storeOn(newServer());
    await store.start(null);
    expect(store.current()).toEqual({ kind: 'signed-out', why: null });
  });

  it('signs in with the token of a welcome address', async () => {
    const store = storeOn(newServer());
    await store.start('once');
    expect(store.current()).toEqual({ kind: 'signed-in', session });
  });

  it('says that a welcome address was refused, unless a user is signed in', async () => {
    const refused = storeOn(newServer());
    await refused.start('used');
    expect(refused.current()).toEqual({ kind: 'signed-out', why: 'welcome-refused' });
    const signedIn = storeOn(newServer({ session }));
    await signedIn.start('used');
    expect(signedIn.current()).toEqual({ kind: 'signed-in', session });
  });

  it('retries while the server is unreachable', async () => {
    const server = newServer({ session, error: unreachable() });
    const store = storeOn(server);
    await store.start(null);
    expect(store.current()).toEqual({ kind: 'unreachable', reason: 'The server cannot be reached.' });
    server.error = null;
    server.tasks[0]?.();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(store.current()).toEqual({ kind: 'signed-in', session });
  });

  it('shows the login page once the session has ended, and not while the server is unreachable', async () => {
    const server = newServer({ session });
    const store = storeOn(server);
    await store.start(null);
    server.error = unreachable();
    await store.refresh();
    expect(store.current().kind).toBe('signed-in');
    server.error = null;
    server.session = null;
    await store.refresh();
    expect(store.current()).toEqual({ kind: 'signed-out', why: 'ended' });
  });

  it('keeps a sign-in that happens while the old session is read', async () => {
    const server = newServer({ session });
    const { promise, reject } = Promise.withResolvers<CurrentSession>();
    let reads = 0;
    const store = storeOn(server, {
      readSession: () => (++reads === 1 ? Promise.resolve({ ...session, displayName: 'old' }) : promise),
    });
    await store.start(null);
    const refreshed = store.refresh();
    await store.signIn('anna', 'long enough password');
    reject(unauthenticated());
    await refreshed;
    expect(store.current()).toEqual({ kind: 'signed-in', session });
  });

  it('notifies listeners only of changes', async () => {
    const server = newServer({ session });
    const store = storeOn(server);
    await store.start(null);
    let notices = 0;
    store.subscribe(() => (notices += 1));
    await store.refresh();
    expect(notices).toBe(0);
    server.session = { ...session, displayName: 'Anna B' };
    await store.refresh();
    expect(notices).toBe(1);
  });

  it('signs out, also if the session no longer exists, and reports a failure', async () => {
    const server = newServer({ session });
    const store = storeOn(server);
    await store.start(null);
    server.error = unreachable();
    await expect(store.signOut()).rejects.toThrow('cannot be reached');
    expect(store.current().kind).toBe('signed-in');
    server.error = unauthenticated();
    await store.signOut();
    expect(store.current()).toEqual({ kind: 'signed-out', why: 'signed-out' });
  });
});
