import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { databaseServer, warnIfPlainDatabase } from './database-server.ts';

let folder: TemporaryFolder;
let ca: string;
beforeAll(async () => {
  folder = await createTemporaryFolder();
  ca = join(folder.path, 'ca.crt');
  writeFileSync(ca, 'one');
});
afterAll(() => folder.remove());

describe('databaseServer', () => {
  it('leaves an address without settings of TLS as it is', () => {
    const connectionString = 'postgres://u:p%20w@db/x?application_name=a';
    expect(databaseServer(connectionString)).toEqual({ connectionString });
  });

  it.each(['prefer', 'require', 'verify-ca', 'verify-full'])(
    'verifies the certificate with sslmode=%s',
    (mode) => {
      expect(databaseServer(`postgres://u:p@db/x?sslmode=${mode}`)).toEqual({
        connectionString: 'postgres://u:p@db/x',
        ssl: { rejectUnauthorized: true },
      });
    },
  );

  it('reads the authorities at each connection, and keeps the last text of a missing file', async () => {
    for (const server of [
      databaseServer('postgres://db/x', ca),
      databaseServer(`postgres://db/x?sslmode=verify-full&sslrootcert=${ca}`),
    ]) {
      const { ssl } = server as { ssl: { ca: string } };
      writeFileSync(ca, 'one');
      expect(ssl.ca).toBe('one');
      writeFileSync(ca, 'two');
      expect(ssl.ca).toBe('two');
    }
    const { ssl } = databaseServer('postgres://db/x', ca) as { ssl: { ca: string } };
    const other = await createTemporaryFolder();
    const gone = join(other.path, 'ca.crt');
    writeFileSync(gone, 'three');
    const server = databaseServer('postgres://db/x', gone) as { ssl: { ca: string } };
    await other.remove();
    expect(server.ssl.ca).toBe('three');
    expect(ssl.ca).toBe('two');
  });

  it.each<[string, string | undefined, RegExp]>([
    ['?sslmode=disable', 'ca', /DATABASE_CA_FILE is set, but DATABASE_URL has sslmode=disable: use/],
    ['?sslmode=no-verify', 'ca', /sslmode=no-verify: use sslmode=verify-full/],
    ['?sslmode=on', undefined, /sslmode in DATABASE_URL must be/],
    ['', '/absent', /DATABASE_CA_FILE cannot be read: .*ENOENT/],
    ['?sslrootcert=/absent', undefined, /sslrootcert in DATABASE_URL cannot be read/],
  ])('refuses %j with the file %s', (query, file, message) => {
    expect(() => databaseServer(`postgres://db/x${query}`, file)).toThrow(message);
  });
});

describe('warnIfPlainDatabase', () => {
  function warningsOf(url: string, file?: string): string[] {
    const warnings: string[] = [];
    const warn = (_: object, message: string) => void warnings.push(message);
    warnIfPlainDatabase(databaseServer(url, file), { warn });
    return warnings;
  }

  it.each(['postgres://db/x', 'postgres://10.0.0.1/x?sslmode=disable', 'postgres:///x?host=db'])(
    'warns for %s',
    (url) => {
      expect(warningsOf(url)).toEqual([
        expect.stringMatching(/^PostgreSQL without TLS: .*sslmode=verify-full/),
      ]);
    },
  );

  it('warns for a certificate that is not verified', () => {
    expect(warningsOf('postgres://db/x?sslmode=no-verify')).toEqual([
      expect.stringContaining('is not verified'),
    ]);
  });

  it.each([
    'postgres://127.0.0.1/x',
    'postgres://[::1]/x',
    'postgres://localhost/x?sslmode=disable',
    'postgres:///x?host=/run/postgresql',
    'postgres://db/x?sslmode=verify-full',
    'postgres://db/x?ssl=true',
  ])('does not warn for %s', (url) => {
    expect(warningsOf(url)).toEqual([]);
  });

  it('does not warn with DATABASE_CA_FILE', () => {
    expect(warningsOf('postgres://db/x', ca)).toEqual([]);
  });
});
