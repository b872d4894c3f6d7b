import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createFileFeed } from './file-feed.ts';
import { createMountedVolume } from './testing/mounted-volume.ts';
import type { MountedVolume } from './testing/mounted-volume.ts';

describe('the file feed', () => {
  let folder = '';
  let config: MountedVolume;
  let secret: MountedVolume;
  let errors: string[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'file-feed-'));
    config = await createMountedVolume(join(folder, 'config'));
    secret = await createMountedVolume(join(folder, 'secret'));
    errors = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = () =>
    createFileFeed({
      file: join(config.path, 'cameras.json'),
      credentialsFolder: secret.path,
      onInvalid: (message) => errors.push(message),
    });
  const put = (...cameras: object[]) => config.put({ 'cameras.json': JSON.stringify({ cameras }) });
  const door = (rest: object = {}) => ({ id: 'door', source: { url: 'test:testsrc2' }, ...rest });

  it('adds the mounted credentials to the camera, and none if nothing is mounted', async () => {
    await put(door());
    const feed = open();
    expect(await feed.list()).toMatchObject([{ id: 'door', credentials: null }]);
    await secret.put({ username: 'viewer', password: 'a b\n' });
    expect(await feed.list()).toMatchObject([{ credentials: { username: 'viewer', password: 'a b' } }]);
    await secret.put({ password: 'alone' });
    expect(await feed.list()).toMatchObject([{ credentials: { username: '', password: 'alone' } }]);
    await secret.put({});
    expect(await feed.list()).toMatchObject([{ credentials: null }]);
    expect(errors).toEqual([]);
  });

  it('reports a requested start', async () => {
    await put(door({ generation: 4 }));
    const feed = open();
    expect(await feed.list()).toMatchObject([{ startRequestedAt: null }]);
    const changes: unknown[] = [];
    feed.subscribe((change) => changes.push(change));
    const startRequestedAt = '2026-01-01T00:00:00.000Z';
    await put(door({ generation: 4, startRequestedAt }));
    expect(await feed.list()).toMatchObject([{ generation: 4, startRequestedAt }]);
    expect(changes).toHaveLength(1);
  });

  it('reports changed credentials, with the generation of the file', async () => {
    await put(door({ generation: 4 }));
    const feed = open();
    const changes: unknown[] = [];
    await feed.list();
    feed.subscribe((change) => changes.push(change));
    await secret.put({ username: 'viewer', password: 'new' });
    await feed.list();
    await feed.list();
    expect(changes).toEqual([
      {
        type: 'changed',
        camera: expect.objectContaining({
          generation: 4,
          credentials: { username: 'viewer', password: 'new' },
        }),
      },
    ]);
  });

  it('counts generations per camera if the file has none', async () => {
    await put(door(), { id: 'gate', source: { url: 'test:testsrc2' } });
    const feed = open();
    await feed.list();
    await put(door({ audio: { enabled: true } }), { id: 'gate', source: { url: 'test:testsrc2' } });
    expect((await feed.list()).map(({ id, generation }) => [id, generation])).toEqual([
      ['door', 2],
      ['gate', 1],
    ]);
  });

  it.each<[what: string, spoil: () => Promise<void>, error: RegExp]>([
    ['a file that is not JSON', () => config.put({ 'cameras.json': '{' }), /not JSON/],
    ['a file without cameras', () => config.put({ 'cameras.json': '{}' }), /cameras/],
    ['a file that was deleted', () => config.put({}), /does not exist/],
    [
      'credentials with a line break',
      () => secret.put({ username: 'a\nb', password: 'canary' }),
      /username must not/,
    ],
    [
      'credentials for several cameras',
      async () => {
        await secret.put({ username: 'a', password: 'canary' });
        await put(door(), { id: 'gate', source: { url: 'test:testsrc2' } });
      },
      /has several cameras/,
    ],
  ])('keeps its cameras, and reports the error once: %s', async (_what, spoil, error) => {
    await put(door());
    const feed = open();
    const before = await feed.list();
    await spoil();
    expect(await feed.list()).toEqual(before);
    expect(await feed.list()).toEqual(before);
    expect(errors).toEqual([expect.stringMatching(error)]);
    expect(errors[0]).not.toContain('canary');
    expect(feed.loadError()).toBeNull();
  });

  it('has a load error if its first file is invalid, but not if the file does not exist', async () => {
    const feed = open();
    // Otherwise a pod would be ready before it has loaded its camera.
    expect(feed.loadError()).toMatch(/was not read yet/);
    expect(await feed.list()).toEqual([]);
    expect(feed.loadError()).toBeNull();
    await config.put({ 'cameras.json': '[]' });
    expect(await feed.list()).toEqual([]);
    expect(feed.loadError()).toMatch(/^the cameras file is not valid/);
    await put(door());
    await feed.list();
    expect(feed.loadError()).toBeNull();
  });

  it('reads an ordinary folder too', async () => {
    await put(door());
    await writeFile(join(secret.path, 'username'), 'viewer');
    await writeFile(join(secret.path, 'password'), 'plain');
    expect(await open().list()).toMatchObject([{ credentials: { username: 'viewer', password: 'plain' } }]);
  });
});
