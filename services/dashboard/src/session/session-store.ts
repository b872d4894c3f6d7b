import { ApiError } from '@camplane/api-client/api-error';
import type { CreateSession, CurrentSession } from '@camplane/contracts/access';
import { messageOf } from '../api/message-of.ts';
import { eventsReconnect, reconnectDelayMs } from '../live/reconnect-policy.ts';

/** Why the login page is shown; null: no user has signed in yet. */
export type LoginReason = 'ended' | 'signed-out' | 'welcome-refused' | null;

export type SessionState =
  | { kind: 'loading' }
  | { kind: 'unreachable'; reason: string }
  | { kind: 'signed-out'; why: LoginReason }
  | { kind: 'signed-in'; session: CurrentSession };

export type SessionStoreDeps = {
  readSession: () => Promise<CurrentSession>;
  createSession: (body: CreateSession) => Promise<CurrentSession>;
  deleteSession: () => Promise<void>;
  /** Returns a function that cancels. */
  later: (task: () => void, delayMs: number) => () => void;
  random: () => number;
};

/** Who uses the page. */
export type SessionStore = {
  subscribe: (listener: () => void) => () => void;
  current: () => SessionState;
  /** Finds out who is signed in, with the one-time token of a `/welcome` address if there is one. */
  start: (welcomeToken: string | null) => Promise<void>;
  /** Skips the delay before the next attempt of `start`. */
  retryNow: () => void;
  /** @throws ApiError such as `wrong-login` or `too-many-requests` */
  signIn: (username: string, password: string) => Promise<void>;
  /** @throws ApiError if the session still exists afterwards */
  signOut: () => Promise<void>;
  /** Reads the session again: after a 401, a closed event connection, or a while. Never throws. */
  refresh: () => Promise<void>;
};

export function createSessionStore(deps: SessionStoreDeps): SessionStore {
  const listeners = new Set<() => void>();
  let state: SessionState = { kind: 'loading' };
  let refreshing: Promise<void> | null = null;
  let failures = 0;
  let cancelRetry = () => {};
  let retry = () => {};

  const set = (next: SessionState) => {
    if (JSON.stringify(next) === JSON.stringify(state)) return;
    state = next;
    for (const listener of listeners) listener();
  };

  /** @returns null if no user is signed in */
  const read = async (): Promise<CurrentSession | null> => {
    try {
      return await deps.readSession();
    } catch (error) {
      if (isRefusal(error)) return null;
      throw error;
    }
  };

  const start = async (welcomeToken: string | null) => {
    cancelRetry();
    try {
      const welcomed = welcomeToken === null ? null : await welcome(deps, welcomeToken);
      const session = welcomed ?? (await read());
      const why = welcomeToken === null ? null : 'welcome-refused';
      set(session ? { kind: 'signed-in', session } : { kind: 'signed-out', why });
      failures = 0;
    } catch (error) {
      set({ kind: 'unreachable', reason: messageOf(error) });
      failures += 1;
      retry = () => void start(welcomeToken);
      cancelRetry = deps.later(retry, reconnectDelayMs(eventsReconnect, failures, deps.random()));
    }
  };

  const readAgain = async () => {
    const before = state;
    const session = await read().catch(() => undefined);
    // Without an answer, or after a sign-in or sign-out meanwhile, the state is unchanged.
    if (session === undefined || state !== before) return;
    set(session ? { kind: 'signed-in', session } : { kind: 'signed-out', why: 'ended' });
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    current: () => state,
    start,
    retryNow: () => retry(),
    async signIn(username, password) {
      set({ kind: 'signed-in', session: await deps.createSession({ username, password }) });
    },
    async signOut() {
      await deps.deleteSession().catch((error: unknown) => {
        if (!isRefusal(error)) throw error;
      });
      set({ kind: 'signed-out', why: 'signed-out' });
    },
    async refresh() {
      if (state.kind !== 'signed-in') return;
      refreshing ??= readAgain().finally(() => (refreshing = null));
      await refreshing;
    },
  };
}

/** @returns null if the token was used, has expired or never existed */
async function welcome(deps: SessionStoreDeps, welcomeToken: string): Promise<CurrentSession | null> {
  try {
    return await deps.createSession({ welcomeToken });
  } catch (error) {
    if (error instanceof ApiError && error.status >= 400 && error.status < 500) return null;
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
