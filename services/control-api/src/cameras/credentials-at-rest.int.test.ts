import { cameraInputSchema } from '@camplane/contracts/camera';
import { filesWith } from '@camplane/testkit/files-with';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Drizzle } from '../store/database.ts';
import { openEmbeddedDatabase } from '../store/embedded/embedded-database.ts';
import { cameraTable } from '../store/schema.ts';
import { keepLog } from '../testing/keep-log.ts';
import { eventually, runApi } from '../testing/running-api.ts';
import type { RunningApi, RunningApiConfig } from '../testing/running-api.ts';

jest.setTimeout(120_000);

const canary = 'canary-a7c4-at-rest-9e51';
const credentials = { username: 'viewer', password: canary };
const source = { url: 'rtsp://192.0.2.10:554/stream1' };

let folder: TemporaryFolder;
let keyFile: string;
const running: RunningApi[] = [];

beforeEach(async () => {
  folder = await createTemporaryFolder();
  keyFile = join(folder.path, 'credentials.key');
});

afterEach(async () => {
  await stopAll();
  await folder.remove();
});

async function start(config: Partial<RunningApiConfig> = {}): Promise<RunningApi> {
  const api = await runApi({ dataDir: folder.path, ...config });
  running.push(api);
  return api;
}

async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((api) => api.stop()));
}

const input = (rest: object = {}) => cameraInputSchema.parse({ source: { ...source, credentials }, ...rest });

async function createCameras(api: RunningApi, ...ids: string[]): Promise<void> {
  for (const id of ids) await api.api.registry.create({ ...input(), id });
}

/** What an attacker or an administrator does to the database while Camplane is stopped. */
async function changeDatabase<T>(change: (db: Drizzle) => Promise<T>): Promise<T> {
  const database = await openEmbeddedDatabase({ dataDir: folder.path }, keepLog().log);
  try {
    await database.migrate();
    return await change(database.drizzle);
  } finally {
    await database.close();
  }
}

const stored = () =>
  changeDatabase(async (db) => {
    const rows = await db.select().from(cameraTable).orderBy(cameraTable.id);
    return Object.fromEntries(rows.map((row) => [row.id, row.credentials]));
  });

describe('passwords of cameras in the embedded database', () => {
  it('are in no file of the data folder, neither during the run nor after it', async () => {
    const api = await start();
    await createCameras(api, 'door');
    await api.api.registry.replace('door', input({ displayName: 'Front door' }));
    expect((await api.api.registry.get('door'))?.credentials).toEqual(credentials);
    expect(filesWith(folder.path, 'Front door')).not.toEqual([]);
    expect(filesWith(folder.path, canary)).toEqual([]);
    await stopAll();
    expect(filesWith(folder.path, canary)).toEqual([]);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(keyFile, 'utf8')).toHaveLength(45);
  });

  it('do not restart a stream when they are sent again unchanged', async () => {
    const api = await start();
    await createCameras(api, 'door');
    expect((await api.api.registry.replace('door', input())).generation).toBe(1);
    const other = { ...source, credentials: { ...credentials, password: 'other' } };
    expect((await api.api.registry.replace('door', input({ source: other }))).generation).toBe(2);
  });

  it('cannot be read from a stolen database with another key', async () => {
    await createCameras(await start(), 'door');
    await stopAll();
    rmSync(keyFile);
    const api = await start();
    expect((await api.api.registry.get('door'))?.credentials).toBeNull();
    expect(JSON.stringify(await api.api.registry.list())).not.toContain(canary);
  });
});

describe('a camera whose key is missing', () => {
  it('is kept, says why it does not run and what to do, and works again with the key', async () => {
    await createCameras(await start(), 'door');
    await stopAll();
    renameSync(keyFile, `${keyFile}.away`);

    const without = await start();
    expect(await without.api.registry.get('door')).toMatchObject({
      credentials: null,
      credentialsProblem: expect.stringContaining('CAMPLANE_CREDENTIALS_KEY_PREVIOUS'),
      spec: { source },
    });
    expect(without.logged().match(/unreadable password/g)).toHaveLength(1);
    // Unchanged by a change of another field.
    await without.api.registry.replace('door', cameraInputSchema.parse({ source, displayName: 'Gate' }));
    const moved = cameraInputSchema.parse({ source: { url: 'rtsp://192.0.2.66/steal' } });
    await expect(without.api.registry.replace('door', moved)).rejects.toThrow('not sent to another host');
    await stopAll();

    renameSync(`${keyFile}.away`, `${keyFile}.previous`);
    const back = await start();
    expect(await back.api.registry.get('door')).toMatchObject({ credentials, spec: { displayName: 'Gate' } });
  });

  it('can be given its password again', async () => {
    await createCameras(await start(), 'door');
    await stopAll();
    rmSync(keyFile);
    const api = await start();
    const camera = await api.api.registry.replace('door', input());
    expect(camera).toMatchObject({ credentials, generation: 2 });
    expect(camera).not.toHaveProperty('credentialsProblem');
  });
});

describe('a row that was changed in the database', () => {
  it('does not open if it was moved to another camera or altered; other cameras do', async () => {
    await createCameras(await start(), 'altered', 'good', 'moved');
    await stopAll();
    await changeDatabase(async (db) => {
      const [good] = await db.select().from(cameraTable).where(eq(cameraTable.id, 'good'));
      await db.update(cameraTable).set({ credentials: good?.credentials }).where(eq(cameraTable.id, 'moved'));
      await db.execute(
        sql`update camera set credentials = credentials || '{"data": "AAAA"}' where id = 'altered'`,
      );
    });
    const api = await start();
    const problem = expect.stringContaining('altered or belongs to another camera');
    expect(await api.api.registry.list()).toMatchObject([
      { id: 'altered', credentials: null, credentialsProblem: problem },
      { id: 'good', credentials },
      { id: 'moved', credentials: null, credentialsProblem: problem },
    ]);
  });
});

describe('plain rows of an earlier version', () => {
  const writePlain = () =>
    changeDatabase(async (db) => {
      for (const id of ['door', 'gate']) {
        const { source: _, ...spec } = input();
        const values = { id, spec: { ...spec, source }, generation: 3 };
        const at = { createdAt: new Date(0), updatedAt: new Date(0) };
        await db.insert(cameraTable).values({ ...values, ...at, credentials });
      }
      await db.execute(sql`update camera set generation = 4, credentials = credentials where id = 'gate'`);
      await db.execute(sql`checkpoint`);
    });

  it('are encrypted by the first start, and no file of the database keeps a copy', async () => {
    await writePlain();
    expect(filesWith(folder.path, canary).length).toBeGreaterThan(1);
    const api = await start();
    expect(await api.api.registry.list()).toMatchObject([
      { id: 'door', credentials, generation: 3 },
      { id: 'gate', credentials, generation: 4 },
    ]);
    expect(api.logged()).toContain('camera passwords encrypted');
    await eventually(() => expect(filesWith(folder.path, canary)).toEqual([]));
    await stopAll();
    expect(filesWith(folder.path, canary)).toEqual([]);
    expect(await stored()).toEqual({
      door: expect.objectContaining({ version: 1 }),
      gate: expect.objectContaining({ version: 1 }),
    });
  });
});

describe('a change of the key', () => {
  it('encrypts every password again, after which the old key is not needed', async () => {
    await createCameras(await start(), 'door', 'gate');
    await stopAll();
    const before = await stored();
    renameSync(keyFile, `${keyFile}.previous`);
    expect((await start()).logged()).toContain('camera passwords have the new key');
    await stopAll();
    expect(existsSync(keyFile)).toBe(true);
    rmSync(`${keyFile}.previous`);
    expect(await (await start()).api.registry.list()).toMatchObject([
      { id: 'door', credentials, generation: 1 },
      { id: 'gate', credentials, generation: 1 },
    ]);
    await stopAll();
    expect((await stored())['door']).not.toEqual(before['door']);
  });

  it('moves from the file to the variable', async () => {
    await createCameras(await start(), 'door');
    await stopAll();
    const credentialsKey = Buffer.alloc(32, 7).toString('base64');
    await start({ credentialsKey });
    await stopAll();
    rmSync(keyFile);
    expect(await (await start({ credentialsKey })).api.registry.get('door')).toMatchObject({ credentials });
    expect(existsSync(keyFile)).toBe(false);
  });
});
