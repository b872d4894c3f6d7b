import { CamplaneError } from '@camplane/contracts/problem';
import type { WallClock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import { createOneAtATime } from '../cameras/one-at-a-time.ts';
import type { Store } from '../store/store.ts';
import { identityOf, noIdentity } from './identity.ts';
import type { Identity, IdentityRows } from './identity.ts';
import { nextRevision, readIdentityRows, readRevision, writeLastUses } from './identity-table.ts';
import type { Connection } from './identity-table.ts';
import { isSessionExpired, isTokenExpired } from './lifetimes.ts';

const changesMaxWaiting = 100;
/** Moments of last use are written this often, and then those of other replicas are read. */
const lastUseIntervalMs = 60_000;

/** Users, roles, sessions and tokens: in memory, written through to the database. */
export type IdentityStore = {
  /** False until the first read: then it is not known which credentials are valid. */
  isLoaded(): boolean;
  current(): Identity;
  /**
   * Runs a change in a transaction and then makes it current. `write` gets the newest identity, which no other
   * replica changes meanwhile.
   *
   * @throws CamplaneError `store-unavailable`, and what `write` throws; nothing is changed then
   */
  change<T>(write: (tx: Connection, identity: Identity) => Promise<T>): Promise<T>;
  /** Notes the use of a session or token, at most once a minute. */
  touch(credential: { id: string; lastUsedAt: Date | null }): void;
  /** Reads changes by other replicas, and notices what has expired. @throws CamplaneError `store-unavailable` */
  refresh(): Promise<void>;
  /** Writes moments of last use before a stop. Never throws. */
  flush(): Promise<void>;
  onChange(listener: () => void): () => void;
};

export function createIdentityStore(deps: {
  store: Pick<Store, 'use'>;
  wallClock: WallClock;
  log: Logger;
}): IdentityStore {
  const { store, wallClock, log } = deps;
  const serialize = createOneAtATime(changesMaxWaiting);
  const listeners = new Set<() => void>();
  const uses = new Map<string, Date>();
  let identity = noIdentity;
  let isLoaded = false;
  let lastUsesWrittenMs = wallClock.epochMs();
  let expired = 0;

  const invalid = (what: string, id: string): void =>
    log.error({ what, id }, 'stored access data is invalid, it grants nothing');

  const notify = (): void => {
    for (const listener of listeners) listener();
  };

  const replace = (rows: IdentityRows): void => {
    const next = identityOf(rows, rows.revision === identity.revision ? () => {} : invalid);
    for (const each of [...next.sessions.values(), ...next.tokens.values()]) {
      const used = uses.get(each.id);
      if (used && used > (each.lastUsedAt ?? new Date(0))) each.lastUsedAt = used;
    }
    const isChanged = !isLoaded || next.revision !== identity.revision;
    identity = next;
    isLoaded = true;
    if (isChanged) notify();
  };

  const expire = (): void => {
    const nowMs = wallClock.epochMs();
    const count =
      [...identity.sessions.values()].filter((each) => isSessionExpired(each, nowMs)).length +
      [...identity.tokens.values()].filter((each) => isTokenExpired(each, nowMs)).length;
    if (count !== expired) notify();
    expired = count;
  };

  const refresh = async (): Promise<void> => {
    expire();
    const isDue = wallClock.epochMs() - lastUsesWrittenMs >= lastUseIntervalMs;
    const written = isDue ? new Map(uses) : new Map<string, Date>();
    await store.use(async (db) => {
      await writeLastUses(db, written);
      const revision = await readRevision(db);
      if (isLoaded && !isDue && revision === identity.revision) return;
      replace(await readIdentityRows(db, revision));
    });
    if (isDue) lastUsesWrittenMs = wallClock.epochMs();
    for (const [id, at] of written) if (uses.get(id) === at) uses.delete(id);
  };

  return {
    isLoaded: () => isLoaded,
    current: () => identity,
    change: (write) =>
      serialize(async () => {
        const { rows, result } = await store.use((db) =>
          db.transaction(async (tx) => {
            const revision = await nextRevision(tx);
            const result = await write(tx, identityOf(await readIdentityRows(tx, revision), invalid));
            return { result, rows: await readIdentityRows(tx, revision) };
          }),
        );
        replace(rows);
        return result;
      }),
    touch: (credential) => {
      const nowMs = wallClock.epochMs();
      if (credential.lastUsedAt && nowMs - credential.lastUsedAt.getTime() < lastUseIntervalMs) return;
      credential.lastUsedAt = new Date(nowMs);
      uses.set(credential.id, credential.lastUsedAt);
    },
    // Serialized with changes: what is read before a change must not replace it.
    refresh: () => serialize(refresh),
    flush: () => store.use((db) => writeLastUses(db, uses)).catch(() => {}),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** For requests that need to know which credentials are valid. */
export function requireLoaded({ isLoaded }: Pick<IdentityStore, 'isLoaded'>): void {
  if (isLoaded()) return;
  throw new CamplaneError('store-unavailable', 'Users are not loaded yet: the database is unavailable');
}
