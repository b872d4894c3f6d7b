import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { descendantsOf, isAlive } from '@camplane/testkit/processes';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { keepLog } from '../../testing/keep-log.ts';
import { eventually } from '../../testing/running-api.ts';
import { mountSmallDisk } from '../../testing/small-disk.ts';
import type { Database } from '../database.ts';
import { toStoreError } from '../store-error.ts';
import { openEmbeddedDatabase } from './embedded-database.ts';

jest.setTimeout(60_000);

const holder = fileURLToPath(new URL('./fixtures/hold-database.ts', import.meta.url));

let folder: TemporaryFolder;
const opened: Database[] = [];

beforeEach(async () => {
  folder = await createTemporaryFolder();
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
  await folder.remove();
});

async function open(dataDir = folder.path, options: { postgresBin?: string; signal?: AbortSignal } = {}) {
  const { signal, ...config } = options;
  const { log, text } = keepLog();
  const database = await openEmbeddedDatabase({ dataDir, ...config }, log, signal);
  opened.push(database);
  const close = async (): Promise<void> => {
    opened.splice(opened.indexOf(database), 1);
    await database.close();
  };
  return { database, close, logged: text };
}

async function rowsOf(database: Database, query: string): Promise<Record<string, unknown>[]> {
  return ((await database.drizzle.execute(query)) as { rows: Record<string, unknown>[] }).rows;
}

const numbersIn = async (database: Database) =>
  (await rowsOf(database, 'select n from number order by n')).map(({ n }) => n);

const serverPid = (dataDir = folder.path) =>
  Number.parseInt(readFileSync(join(dataDir, 'postgresql/data/postmaster.pid'), 'utf8'), 10);

describe('the embedded database', () => {
  it('keeps its rows over a restart and leaves no process behind', async () => {
    const first = await open();
    await first.database.drizzle.execute('create table number as select 7 as n');
    const pid = serverPid();
    expect(await isAlive(pid)).toBe(true);
    await first.close();
    expect(await isAlive(pid)).toBe(false);
    const second = await open();
    expect(await numbersIn(second.database)).toEqual([7]);
  });

  it('is durable, checksummed, and reachable through a private Unix socket only', async () => {
    const { database } = await open();
    const names = ['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'listen_addresses'];
    const rows = await rowsOf(
      database,
      `select name, setting from pg_settings where name in (${names.map((name) => `'${name}'`).join()})`,
    );
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      data_checksums: 'on',
      listen_addresses: '',
    });
    const { mode, uid } = statSync(join(folder.path, 'postgresql'));
    expect([(mode & 0o777).toString(8), uid === 0]).toEqual(['700', false]);
    expect(readFileSync(`/proc/${serverPid()}/status`, 'utf8')).toMatch(
      new RegExp(`^Uid:\\s+${uid}\\s`, 'm'),
    );
  });

  it('restarts PostgreSQL after SIGKILL without losing a committed row', async () => {
    const { database, logged } = await open();
    await database.drizzle.execute('create table number as select 1 as n');
    const pid = serverPid();
    process.kill(pid, 'SIGKILL');
    // A backend of the old server may answer until it notices.
    await eventually(() => expect(serverPid()).not.toBe(pid));
    await eventually(async () => {
      await database.drizzle.execute('insert into number values (2)');
    });
    expect(await numbersIn(database)).toEqual([1, 2]);
    expect(logged()).toContain('PostgreSQL ended, will restart');
  });

  it('exits when its parent is killed, and recovers at the next start', async () => {
    const parent = spawn(process.execPath, [holder, folder.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(parent, 'exit');
    try {
      await new Promise<void>((resolve) =>
        parent.stdout.on('data', (chunk: Buffer) => {
          if (chunk.toString().includes('database open')) resolve();
        }),
      );
      const children = await descendantsOf(parent.pid ?? 0);
      expect(children.length).toBeGreaterThan(1);
      parent.kill('SIGKILL');
      await ended;
      await eventually(async () => {
        for (const { pid } of children) expect(await isAlive(pid)).toBe(false);
      }, 10_000);
    } finally {
      parent.kill('SIGKILL');
      await ended;
    }
    const { database } = await open();
    expect(await rowsOf(database, 'select id from camera')).toEqual([]);
  });

  it('ignores a postmaster.pid whose process is not a server of this folder', async () => {
    const first = await open();
    await first.close();
    const pidFile = join(folder.path, 'postgresql/data/postmaster.pid');
    const stranger = spawn('sleep', ['600'], { uid: statSync(join(folder.path, 'postgresql')).uid });
    const ended = once(stranger, 'exit');
    try {
      writeFileSync(pidFile, `${stranger.pid}\n${join(folder.path, 'postgresql/data')}\n1\n5432\n`);
      const second = await open();
      expect(await isAlive(stranger.pid ?? 0)).toBe(true);
      await second.close();
    } finally {
      stranger.kill('SIGKILL');
      await ended;
    }
  });

  it('is not opened by a second process', async () => {
    const { database } = await open();
    await expect(open()).rejects.toThrow(/in use by process \d+.*DATA_DIR/);
    expect(await rowsOf(database, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('works in a folder whose path is too long for a Unix socket', async () => {
    const dataDir = join(folder.path, 'long'.repeat(20), 'path'.repeat(20));
    const first = await open(dataDir);
    await first.database.drizzle.execute('create table number as select 3 as n');
    await first.close();
    const { database } = await open(dataDir);
    expect(await numbersIn(database)).toEqual([3]);
  });

  it('is created again after an interrupted first start', async () => {
    const controller = new AbortController();
    const starting = open(folder.path, { signal: controller.signal });
    await eventually(() => expect(existsSync(join(folder.path, 'postgresql/data.unfinished'))).toBe(true));
    controller.abort(new Error('stopping'));
    await expect(starting).rejects.toThrow('stopping');
    expect(existsSync(join(folder.path, 'postgresql/data'))).toBe(false);
    const { database } = await open();
    expect(await rowsOf(database, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('refuses a database of another major version and names the remedy', async () => {
    const first = await open();
    await first.close();
    writeFileSync(join(folder.path, 'postgresql/data/PG_VERSION'), '17\n');
    await expect(open()).rejects.toThrow(/is of PostgreSQL 17.*POSTGRES_BIN.*pg_dump/);
  });

  it('refuses a program that is not PostgreSQL and names the remedy', async () => {
    await expect(open(folder.path, { postgresBin: '/bin/true' })).rejects.toThrow(
      /initdb is not an executable file.*DATABASE_URL/,
    );
  });

  it("runs Debian's PostgreSQL where POSTGRES_BIN names it", async () => {
    const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(a) - Number(b));
    const version = versions.at(-1);
    const { database } = await open(folder.path, {
      postgresBin: `/usr/lib/postgresql/${version}/bin/postgres`,
    });
    const [row] = await rowsOf(database, 'show server_version');
    expect(String(row?.['server_version'])).toMatch(new RegExp(`^${version}\\.`));
  });

  it('reports a full disk as unavailable and recovers when space is freed', async () => {
    const disk = await mountSmallDisk(96 * 1024 * 1024);
    try {
      const { database, close } = await open(disk.path);
      await database.drizzle.execute('create table number as select 1 as n');
      const filler = join(disk.path, 'filler');
      const full = await fillDisk(filler, () =>
        database.drizzle.execute(`insert into number select generate_series(1, 100000)`),
      );
      expect(toStoreError(full).kind).toBe('store-unavailable');
      rmSync(filler);
      await eventually(async () => {
        await database.drizzle.execute('insert into number values (-1)');
      }, 30_000);
      expect((await numbersIn(database)).slice(0, 2)).toEqual([-1, 1]);
      await close();
    } finally {
      await disk.unmount();
    }
  });
});

/** Fills the disk, then repeats a statement until it fails. */
async function fillDisk(filler: string, statement: () => Promise<unknown>): Promise<unknown> {
  try {
    for (const size of [1024 * 1024, 4096]) {
      const chunk = Buffer.alloc(size);
      try {
        for (;;) writeFileSync(filler, chunk, { flag: 'a' });
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
      }
    }
    for (;;) await statement();
  } catch (error) {
    return error;
  }
}
