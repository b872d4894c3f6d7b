import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { migrationsFolder } from './database.ts';
import type { Database } from './database.ts';

const connectTimeoutMs = 3000;
const statementTimeoutMs = 5000;
const migrationLockTimeoutMs = 60_000;
const poolMaxConnections = 5;

/** Advisory lock shared by all replicas of this service: its holder migrates, the others wait. */
const migrationLockKey = 7_230_114_001;

/** A PostgreSQL server. Opening does not connect; the first query does. */
export function openPostgresDatabase(server: pg.ClientConfig, onIdleError: (error: Error) => void): Database {
  const connection = {
    ...server,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'camplane-control-api',
    keepAlive: true,
  };
  const pool = new pg.Pool({
    ...connection,
    max: poolMaxConnections,
    statement_timeout: statementTimeoutMs,
    // The client's own limit, for a server that no longer answers.
    query_timeout: statementTimeoutMs + 2000,
  });
  // Without a listener, losing an idle connection would end the process.
  pool.on('error', onIdleError);
  // The same holds between two queries of a transaction; the next query fails.
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    kind: 'postgres',
    drizzle: drizzle(pool),
    migrate: () => migrateLocked(connection),
    close: () => pool.end(),
  };
}

async function migrateLocked(connection: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...connection, lock_timeout: migrationLockTimeoutMs });
  client.on('error', () => {}); // The query in progress rejects too, and is handled there.
  try {
    await client.connect();
    const db = drizzle(client);
    await db.execute(sql`select pg_advisory_lock(${migrationLockKey}::bigint)`);
    await migrate(db, { migrationsFolder });
  } finally {
    await client.end().catch(() => {}); // Ending the session releases the lock.
  }
}
