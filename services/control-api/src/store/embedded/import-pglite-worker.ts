import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import pg from 'pg';
import { parentPort, workerData } from 'node:worker_threads';
import { migrationsFolder } from '../database.ts';

/** A worker thread: copies the tables of a PGlite folder to a server in one transaction, posts the counts, and ends. */

const tables = ['camera', 'detection'];
const rowsPerBatch = 500;

const { folder, connection } = workerData as { folder: string; connection: pg.ClientConfig };
const source = await PGlite.create(folder);
// An older version may have been the last to use it.
await migrate(drizzle(source), { migrationsFolder });
const target = new pg.Client(connection);
await target.connect();
const rows: Record<string, number> = {};
try {
  await target.query('begin');
  for (const table of tables) rows[table] = await copyTable(table);
  await target.query('commit');
} finally {
  await target.end();
}
await source.close();
parentPort?.postMessage(rows);

async function copyTable(table: string): Promise<number> {
  let count = 0;
  await source.exec(`begin; declare rows cursor for select to_jsonb(t)::text as row from ${table} t`);
  for (;;) {
    const batch = await source.query<{ row: string }>(`fetch ${rowsPerBatch} from rows`);
    if (batch.rows.length === 0) break;
    const json = `[${batch.rows.map(({ row }) => row).join(',')}]`;
    const inserted = await target.query(
      `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1) on conflict do nothing`,
      [json],
    );
    count += inserted.rowCount ?? 0;
  }
  await source.exec('commit');
  return count;
}
