import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationPath, operations } from '@camplane/contracts/operations';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { cpSync, existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { migrationsFolder } from '../store/database.ts';
import { startAccessSuite } from '../testing/access-suite.ts';
import type { AccessSuite } from '../testing/access-suite.ts';
import { adminPassword, eventually } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';

jest.setTimeout(60_000);

const session = operations.createSession.path;
const dayMs = 24 * 3600_000;

let suite: AccessSuite;
beforeAll(async () => {
  suite = await startAccessSuite();
});
afterEach(() => suite.stopApis());
afterAll(() => suite.stop());

const newFolder = (): string => mkdtempSync(join(suite.folder, 'data-'));
const passwordFileOf = (dataDir: string): string => join(dataDir, 'admin-password');
/** Without the password that `runApi` configures. */
const random = { adminPassword: undefined } as object;
const welcome = (api: RunningApi, welcomeToken: string | null) => api.call('POST', session, { welcomeToken });

async function query(databaseUrl: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** The tables as an earlier version left them. */
async function migrateUpTo(databaseUrl: string, tag: string): Promise<void> {
  const folder = mkdtempSync(join(suite.folder, 'migrations-'));
  cpSync(migrationsFolder, folder, { recursive: true });
  const journalFile = join(folder, 'meta', '_journal.json');
  const journal = JSON.parse(readFileSync(journalFile, 'utf8')) as { entries: { tag: string }[] };
  const last = journal.entries.findIndex((entry) => entry.tag === tag);
  const entries = journal.entries.slice(0, last + 1);
  writeFileSync(journalFile, JSON.stringify({ ...journal, entries }));
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await migrate(drizzle(client), { migrationsFolder: folder }).finally(() => client.end());
}

describe('the first start', () => {
  it('writes a random password to a file for its owner alone, and never to the log', async () => {
    const dataDir = newFolder();
    const api = await suite.start({ dataDir, ...random });
    const password = readFileSync(passwordFileOf(dataDir), 'utf8').trim();
    expect(password).toMatch(/^[\w-]{43}$/);
    expect(statSync(passwordFileOf(dataDir)).mode & 0o777).toBe(0o600);
    const headers = await api.signIn('admin', password);
    expect(api.logged()).toContain('first administrator created');
    expect(api.logged()).not.toContain(password);

    const change = { currentPassword: password, newPassword: adminPassword };
    expect((await api.call('POST', operations.changePassword.path, change, headers)).status).toBe(204);
    // It no longer works, so it is removed.
    expect(existsSync(passwordFileOf(dataDir))).toBe(false);
  });

  it('takes the configured password, which later changes do not touch', async () => {
    const databaseUrl = await suite.newDatabase();
    const dataDir = newFolder();
    const first = await suite.start({ dataDir, databaseUrl });
    await first.signIn();
    await first.stop();
    const second = await suite.start({ dataDir, databaseUrl, adminPassword: 'another long password' });
    await second.signIn('admin', adminPassword);
    await expect(second.signIn('admin', 'another long password')).rejects.toThrow('401');
    expect(existsSync(passwordFileOf(dataDir))).toBe(false);
  });

  it('refuses a configured password that is easy to guess, by name', async () => {
    await expect(suite.start({ adminPassword: 'password1234' })).rejects.toThrow(
      /^CAMPLANE_ADMIN_PASSWORD is one/,
    );
  });

  it('creates one administrator when two replicas start at once', async () => {
    const databaseUrl = await suite.newDatabase();
    const folders = [newFolder(), newFolder()];
    await Promise.all(folders.map((dataDir) => suite.start({ dataDir, databaseUrl, ...random })));
    expect(await query(databaseUrl, 'select username from access_user')).toEqual([{ username: 'admin' }]);
    expect(folders.filter((dataDir) => existsSync(passwordFileOf(dataDir)))).toHaveLength(1);
  });

  it('creates the administrator later if the database is unreachable', async () => {
    const databaseUrl = await suite.newDatabase();
    await suite.postgres.kill();
    let api: RunningApi;
    try {
      api = await suite.start({ databaseUrl });
      const cookie = `camplane-session=${'a'.repeat(43)}`;
      // Whether this session is valid is not known yet.
      expect((await api.call('GET', session, undefined, { cookie })).status).toBe(503);
    } finally {
      await suite.postgres.restart();
    }
    await eventually(() => expect(api.api.welcomeToken()).not.toBeNull());
    await api.signIn();
  });

  it('keeps the cameras of an installation from before access control', async () => {
    const databaseUrl = await suite.newDatabase();
    await migrateUpTo(databaseUrl, '0001_detections');
    const spec = JSON.stringify({ source: { url: 'test:testsrc2' } });
    await query(
      databaseUrl,
      `insert into camera (id, spec, created_at, updated_at) values ('kept', '${spec}', now(), now())`,
    );
    const api = await suite.start({ databaseUrl });
    const path = operationPath('readCamera', { id: 'kept' });
    expect((await api.call('GET', path)).status).toBe(401);
    expect((await api.call('GET', path, undefined, await api.signIn())).body.id).toBe('kept');
  });
});

describe('the address of the start', () => {
  it('signs the first administrator in once', async () => {
    const api = await suite.start();
    const token = api.api.welcomeToken();
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(api.api.welcomeToken()).toBe(token);
    const answer = await welcome(api, token);
    expect([answer.status, answer.body.username]).toEqual([201, 'admin']);
    expect(answer.headers.getSetCookie().join()).toContain('camplane-session=');
    expect(api.api.welcomeToken()).toBeNull();
    const again = await welcome(api, token);
    expect([again.status, again.body.code]).toEqual([401, 'wrong-login']);
    expect(api.logged()).not.toContain(token);
  });

  it('works once when it is opened twice at the same time', async () => {
    const api = await suite.start();
    const token = api.api.welcomeToken();
    const answers = await Promise.all([welcome(api, token), welcome(api, token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401]);
  });

  it('expires after a day, and is another one after a restart', async () => {
    const databaseUrl = await suite.newDatabase();
    const api = await suite.start({ databaseUrl });
    const token = api.api.welcomeToken();
    suite.pass(dayMs);
    expect((await welcome(api, token)).status).toBe(401);
    expect(api.api.welcomeToken()).toBeNull();
    await api.stop();
    const restarted = await suite.start({ databaseUrl });
    expect(restarted.api.welcomeToken()).not.toBe(token);
    expect((await welcome(restarted, token)).status).toBe(401);
    expect((await welcome(restarted, restarted.api.welcomeToken())).status).toBe(201);
  });

  it('is not issued without access control', async () => {
    const open = await suite.start({ auth: 'none' });
    expect(open.api.welcomeToken()).toBeNull();
    expect((await welcome(open, 'x')).status).toBe(401);
  });
});

describe('a password reset on the machine', () => {
  it('sets a random password and ends the sessions', async () => {
    const dataDir = newFolder();
    const api = await suite.start({ dataDir });
    const before = await api.signIn();
    const request = join(dataDir, 'password-reset', 'admin');
    writeFileSync(request, '');
    const password = await eventually(() => {
      const [, found] = /^new password: (\S+)\n$/.exec(readFileSync(request, 'utf8')) ?? [];
      if (found === undefined) throw new Error('not answered yet');
      return found;
    }, 5_000);
    expect((await api.call('GET', session, undefined, before)).status).toBe(401);
    await api.signIn('admin', password);
    expect(api.logged()).not.toContain(password);
  });
});

describe('a stolen database', () => {
  it('contains no password, token or session that is in use', async () => {
    const databaseUrl = await suite.newDatabase();
    const api = await suite.start({ databaseUrl });
    const token = api.api.welcomeToken() ?? '';
    await welcome(api, token);
    const { cookie } = await api.signIn();
    const body = { name: 'nvr', permissions: ['camera.view'], scope: { kind: 'all' } };
    const created = await api.call('POST', operations.createToken.path, body, { cookie });
    const secret = created.body.secret as string;
    await api.call('GET', session, undefined, { authorization: `Bearer ${secret}` });
    await api.call('POST', session, { username: 'admin', password: 'a failed attempt' });
    await eventually(async () => {
      expect(await query(databaseUrl, 'select * from audit_entry')).toHaveLength(4);
    }, 5_000);
    await api.stop();

    const tables = await query(databaseUrl, `select tablename from pg_tables where schemaname = 'public'`);
    const dumps = await Promise.all(
      tables.map(({ tablename }) => query(databaseUrl, `select * from ${String(tablename)}`)),
    );
    const dump = JSON.stringify(dumps);
    expect(dump).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
    for (const each of [
      adminPassword,
      'a failed attempt',
      token,
      secret,
      secret.slice(4),
      cookie.split('=')[1] ?? '',
    ]) {
      expect(each.length).toBeGreaterThan(10);
      expect(dump).not.toContain(each);
      expect(dump).not.toContain(Buffer.from(each).toString('base64').slice(0, -3));
    }
  });
});
