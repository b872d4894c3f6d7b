import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createLogger } from '@camplane/service-kit/logging';
import { startPostgres } from '@camplane/testkit/postgres';
import type { TestPostgres } from '@camplane/testkit/postgres';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { createTestAuthority } from '@camplane/testkit/test-authority';
import type { TestAuthority } from '@camplane/testkit/test-authority';
import { sql } from 'drizzle-orm';
import { openConfiguredStore } from './open-configured-store.ts';

jest.setTimeout(60_000);

let folder: TemporaryFolder;
let authority: TestAuthority;
let postgres: TestPostgres;
const log = createLogger({ service: 'test', level: 'silent', format: 'json' });

beforeAll(async () => {
  folder = await createTemporaryFolder();
  authority = createTestAuthority(folder.path);
  // Valid for the name alone, so that the address is another host.
  postgres = await startPostgres({ certificate: authority.issue('server', { hosts: ['DNS:localhost'] }) });
});
afterAll(async () => {
  await postgres?.stop();
  await folder?.remove();
});

/** Whether the connection has TLS, according to the server. */
async function connect(query: string, options: { caFile?: string; host?: string } = {}): Promise<unknown> {
  const { caFile, host = 'localhost' } = options;
  const url = postgres.url.replace('127.0.0.1', host) + query;
  const config = { dataDir: folder.path, databaseUrl: url, ...(caFile && { databaseCaFile: caFile }) };
  const store = await openConfiguredStore(config, log, () => {});
  try {
    const ask = sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`;
    const result = await store.use((db) => db.execute(ask));
    return (result as { rows: { ssl: boolean }[] }).rows[0]?.ssl;
  } finally {
    await store.close();
  }
}

describe('a PostgreSQL server with TLS', () => {
  it('is used with the certificate authority in DATABASE_CA_FILE, or in the address', async () => {
    expect(await connect('', { caFile: authority.caFile })).toBe(true);
    expect(await connect(`?sslmode=verify-full&sslrootcert=${authority.caFile}`)).toBe(true);
  });

  it('refuses a connection without TLS', async () => {
    await expect(connect('?sslmode=disable')).rejects.toThrow(/DATABASE_URL cannot be used: .*no encryption/);
  });

  it('is not used with another authority, and the error names the remedy', async () => {
    const { caFile } = createTestAuthority(folder.path, 'foreign');
    await expect(connect('', { caFile })).rejects.toThrow(/DATABASE_CA_FILE must have/);
    await expect(connect('?sslmode=verify-full')).rejects.toThrow(/DATABASE_CA_FILE must have/);
    await expect(connect('?sslmode=require')).rejects.toThrow(/DATABASE_CA_FILE must have/);
  });

  it('is not used under a name that its certificate does not have', async () => {
    await expect(connect('', { caFile: authority.caFile, host: '127.0.0.1' })).rejects.toThrow(
      /use a name of the server's certificate/,
    );
  });
});
