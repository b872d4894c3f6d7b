import type { MediaSessionTable } from './media-session-table.ts';
import type { MediaSession } from './media-sessions.ts';

/** Media sessions in the database, written behind: the answer to MediaMTX never waits for it. */
export type MediaSessionRecords = {
  add(session: MediaSession): void;
  remove(id: string): void;
  /** Writes what waits, then passes on what other processes wrote. @throws CamplaneError `store-unavailable` */
  sync(): Promise<void>;
};

const waitingMax = 20_000;
const batchMax = 500;
/** A statement that started earlier may commit later; it takes less than this. */
const overlapMs = 10_000;

/** @param onRead called for each session of the table, also for those that this process wrote */
export function createMediaSessionRecords(deps: {
  table: MediaSessionTable;
  onRead(session: MediaSession): void;
}): MediaSessionRecords {
  const { table, onRead } = deps;
  /** By session id; null removes it. The latest wins. */
  const waiting = new Map<string, MediaSession | null>();
  let newestAt: Date | null = null;
  let writing: Promise<void> | undefined;

  function enqueue(id: string, session: MediaSession | null): void {
    waiting.delete(id);
    waiting.set(id, session);
    const [oldest] = waiting.keys();
    if (waiting.size > waitingMax && oldest !== undefined) waiting.delete(oldest);
  }

  async function writeAll(): Promise<void> {
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, batchMax);
      const added = batch.flatMap(([, session]) => session ?? []);
      const removed = batch.flatMap(([id, session]) => (session ? [] : [id]));
      if (added.length > 0) await table.write(added);
      if (removed.length > 0) await table.remove(removed);
      for (const [id, session] of batch) if (waiting.get(id) === session) waiting.delete(id);
    }
  }

  const write = (): Promise<void> => (writing ??= writeAll().finally(() => (writing = undefined)));

  return {
    add(session) {
      enqueue(session.id, session);
      // At once, because this process may be killed; `sync` retries.
      write().catch(() => {});
    },
    remove: (id) => enqueue(id, null),
    async sync() {
      await write();
      const since = newestAt && new Date(newestAt.getTime() - overlapMs);
      const read = await table.read(since);
      newestAt = read.newestAt ?? newestAt;
      for (const session of read.sessions) if (waiting.get(session.id) !== null) onRead(session);
    },
  };
}
