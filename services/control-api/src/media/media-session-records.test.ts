import { describe, expect, it } from '@jest/globals';
import { createMediaSessionRecords } from './media-session-records.ts';
import type { MediaSession } from './media-sessions.ts';

const session = (id: string, cameraId = 'door'): MediaSession => ({
  ...{ id, protocol: 'hls', cameraId, ticket: null },
  user: {
    ...{ kind: 'user', userId: 'amy-id', username: '', limits: [] },
    credential: { kind: 'token', id: 'amy-token' },
  },
});

function setUp() {
  const rows = new Map<string, MediaSession>();
  const database = { isDown: false };
  const reads: (Date | null)[] = [];
  const restored: string[] = [];
  const use = async <T>(query: () => T): Promise<T> => {
    await Promise.resolve();
    if (database.isDown) throw new Error('the database is unavailable');
    return query();
  };
  const records = createMediaSessionRecords({
    table: {
      write: (sessions) => use(() => sessions.forEach((each) => rows.set(each.id, each))),
      read: (since) =>
        use(() => {
          reads.push(since);
          return { sessions: [...rows.values()], newestAt: rows.size > 0 ? new Date(100_000) : null };
        }),
      remove: (ids) => use(() => ids.forEach((id) => rows.delete(id))),
    },
    onRead: ({ id }) => void restored.push(id),
  });
  return { rows, database, reads, restored, records };
}

const settle = () => new Promise(setImmediate);

describe('records of media sessions', () => {
  it('are written at once, and passed on by the process that reads them', async () => {
    const { rows, restored, records } = setUp();
    records.add(session('a'));
    await settle();
    expect([...rows.keys()]).toEqual(['a']);
    await records.sync();
    expect(restored).toEqual(['a']);
  });

  it('wait while the database is unavailable; the latest of each session is written', async () => {
    const { rows, database, records } = setUp();
    database.isDown = true;
    records.add(session('a'));
    records.add(session('a', 'yard'));
    records.add(session('b'));
    await settle();
    records.remove('b');
    await expect(records.sync()).rejects.toThrow('unavailable');
    database.isDown = false;
    await records.sync();
    expect([...rows.values()].map(({ id, cameraId }) => [id, cameraId])).toEqual([['a', 'yard']]);
  });

  it('keep the newest when too many wait', async () => {
    const { rows, database, records } = setUp();
    database.isDown = true;
    for (let index = 0; index <= 20_000; index += 1) records.add(session(`s${index}`));
    await settle();
    database.isDown = false;
    await records.sync();
    expect([rows.size, rows.has('s0'), rows.has('s20000')]).toEqual([20_000, false, true]);
  });

  it('are read whole at first, then from a time that overlaps', async () => {
    const { reads, records } = setUp();
    records.add(session('a'));
    await records.sync();
    await records.sync();
    expect(reads).toEqual([null, new Date(90_000)]);
  });
});
