import { readFileSync } from 'node:fs';
import { isLoopback } from '@camplane/runtime/loopback';
import { StartupError } from '@camplane/service-kit/startup-error';
import type pg from 'pg';

type WarnLog = { warn(fields: object, message: string): void };
type FileVariable =
  'DATABASE_CA_FILE' | 'sslrootcert in DATABASE_URL' | 'sslcert in DATABASE_URL' | 'sslkey in DATABASE_URL';

/**
 * The connection to a PostgreSQL server. Every `sslmode` but `disable` and `no-verify` verifies the certificate and the host
 * name, also where libpq would be more lenient. The files are read again at each connection.
 *
 * @throws StartupError that names the variable and the remedy
 */
export function databaseServer(databaseUrl: string, caFile?: string): pg.ClientConfig {
  const url = new URL(databaseUrl);
  const take = (name: string): string | undefined => {
    const value = url.searchParams.get(name) ?? undefined;
    url.searchParams.delete(name);
    return value;
  };
  const mode = take('sslmode');
  const [authority, cert, key] = [take('sslrootcert'), take('sslcert'), take('sslkey')];
  if (
    mode === undefined &&
    authority === undefined &&
    cert === undefined &&
    key === undefined &&
    caFile === undefined
  ) {
    return { connectionString: databaseUrl };
  }
  const isVerified = checkMode(mode, caFile);
  if (mode === 'disable') return { connectionString: url.href, ssl: false };
  const ssl: Record<string, unknown> = { rejectUnauthorized: isVerified };
  readAtEachConnection(ssl, 'ca', caFile, 'DATABASE_CA_FILE');
  if (caFile === undefined) readAtEachConnection(ssl, 'ca', authority, 'sslrootcert in DATABASE_URL');
  readAtEachConnection(ssl, 'cert', cert, 'sslcert in DATABASE_URL');
  readAtEachConnection(ssl, 'key', key, 'sslkey in DATABASE_URL');
  return { connectionString: url.href, ssl };
}

/** Whether the certificate is verified. */
function checkMode(mode: string | undefined, caFile: string | undefined): boolean {
  const known = ['disable', 'no-verify', 'prefer', 'require', 'verify-ca', 'verify-full'];
  if (mode !== undefined && !known.includes(mode)) {
    throw new StartupError(`sslmode in DATABASE_URL must be disable, no-verify or verify-full`);
  }
  const isVerified = mode !== 'disable' && mode !== 'no-verify';
  if (caFile !== undefined && !isVerified) {
    throw new StartupError(
      `DATABASE_CA_FILE is set, but DATABASE_URL has sslmode=${mode}: use sslmode=verify-full, or remove DATABASE_CA_FILE`,
    );
  }
  return isVerified;
}

/** pg reads the property at each connection, and does not catch what it throws: a missing file leaves the last text. */
function readAtEachConnection(
  ssl: Record<string, unknown>,
  property: 'ca' | 'cert' | 'key',
  file: string | undefined,
  variable: FileVariable,
): void {
  if (file === undefined) return;
  let text: string;
  const read = () => (text = readFileSync(file, 'utf8'));
  try {
    read();
  } catch (error) {
    throw new StartupError(`the file of ${variable} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const get = () => {
    try {
      return read();
    } catch {
      return text;
    }
  };
  Object.defineProperty(ssl, property, { enumerable: true, get });
}

/** Warns if what the database is sent can be read on the network, or another server could receive it. */
export function warnIfPlainDatabase(server: pg.ClientConfig, log: WarnLog): void {
  const url = new URL(server.connectionString ?? '');
  const host = url.searchParams.get('host') ?? url.hostname;
  if (host === '' || decodeURIComponent(host).startsWith('/') || isLoopback(host)) return;
  const { ssl } = server;
  const hasTls = ssl === undefined ? /^(1|true)$/.test(url.searchParams.get('ssl') ?? '') : ssl !== false;
  const isVerified = typeof ssl !== 'object' || ssl.rejectUnauthorized !== false;
  if (hasTls && isVerified) return;
  const problem = hasTls ? 'PostgreSQL certificate is not verified' : 'PostgreSQL without TLS';
  log.warn(
    { host },
    `${problem}: its password, and users and detections, can be read on the network; ` +
      'use sslmode=verify-full in DATABASE_URL, and DATABASE_CA_FILE for a private certificate authority',
  );
}
