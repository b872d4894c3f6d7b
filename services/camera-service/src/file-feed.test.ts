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
  let complaints: string[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'file-feed-'));
    config = await createMountedVolume(join(folder, 'config'));
    secret = await createMountedVolume(join(folder, 'secret'));
    complaints = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = () =>
    createFileFeed({
      file: join(config.path, 'cameras.json'),
      credentialsFolder: secret.path,
      onInvalid: (message) => complaints.push(message),
    });
  const put = (...cameras: object[]) => config.put({ 'cameras.json': JSON.stringify({ cameras }) });
  const door = (rest: object = {}) => ({ id: 'door', source: { url: 'test:testsrc2' }, ...rest });

  it('joins the mounted login to the camera, and has none where nothing is mounted', async () => {
    await put(door());
    const feed = open();
    expect(await feed.list()).toMatchObject([{ id: 'door', credentials: null }]);
    await secret.put({ username: 'viewer', password: 'a b\n' });
    expect(await feed.list()).toMatchObject([{ credentials: { username: 'viewer', password: 'a b' } }]);
    await secret.put({ password: 'alone' });
    expect(await feed.list()).toMatchObject([{ credentials: { username: '', password: 'alone' } }]);
    await secret.put({});
    expect(await feed.list()).toMatchObject([{ credentials: null }]);
    expect(complaints).toEqual([]);
  });

  it('tells of a start that was asked for by hand', async () => {
    await put(door({ generation: 4 }));
    const feed = open();
    expect(await feed.list()).toMatchObject([{ startRequestedAt: null }]);
    const heard: unknown[] = [];
    feed.subscribe((change) => heard.push(change));
    const startRequestedAt = '2026-01-01T00:00:00.000Z';
    await put(door({ generation: 4, startRequestedAt }));
    expect(await feed.list()).toMatchObject([{ generation: 4, startRequestedAt }]);
    expect(heard).toHaveLength(1);
  });

  it('tells of a login that changed, under the generation of its file', async () => {
    await put(door({ generation: 4 }));
    const feed = open();
    const heard: unknown[] = [];
    await feed.list();
    feed.subscribe((change) => heard.push(change));
    await secret.put({ username: 'viewer', password: 'new' });
    await feed.list();
    await feed.list();
    expect(heard).toEqual([
      {
        type: 'changed',
        camera: expect.objectContaining({
          generation: 4,
          credentials: { username: 'viewer', password: 'new' },
        }),
      },
    ]);
  });

  it('counts generations itself where the file has none, camera by camera', async () => {
    await put(door(), { id: 'gate', source: { url: 'test:testsrc2' } });
    const feed = open();
    await feed.list();
    await put(door({ audio: { enabled: true } }), { id: 'gate', source: { url: 'test:testsrc2' } });
    expect((await feed.list()).map(({ id, generation }) => [id, generation])).toEqual([
      ['door', 2],
      ['gate', 1],
    ]);
  });

  it.each<[what: string, spoil: () => Promise<void>, complaint: RegExp]>([
    ['a file that is not JSON', () => config.put({ 'cameras.json': '{' }), /not JSON/],
    ['a file without its cameras', () => config.put({ 'cameras.json': '{}' }), /cameras/],
    ['a file that is gone', () => config.put({}), /there is no file/],
    ['a login of two lines', () => secret.put({ username: 'a\nb', password: 'canary' }), /username must not/],
    [
      'a login for several cameras',
      async () => {
        await secret.put({ username: 'a', password: 'canary' });
        await put(door(), { id: 'gate', source: { url: 'test:testsrc2' } });
      },
      /holds several cameras/,
    ],
  ])('keeps its cameras, and says once what is wrong: %s', async (_what, spoil, complaint) => {
    await put(door());
    const feed = open();
    const before = await feed.list();
    await spoil();
    expect(await feed.list()).toEqual(before);
    expect(await feed.list()).toEqual(before);
    expect(complaints).toEqual([expect.stringMatching(complaint)]);
    expect(complaints[0]).not.toContain('canary');
    expect(feed.trouble()).toBeNull();
  });

  it('has a trouble where its first file cannot be read, and none where there is no file', async () => {
    const feed = open();
    // A pod that was ready before it had looked would be so without its camera.
    expect(feed.trouble()).toMatch(/was not read yet/);
    expect(await feed.list()).toEqual([]);
    expect(feed.trouble()).toBeNull();
    await config.put({ 'cameras.json': '[]' });
    expect(await feed.list()).toEqual([]);
    expect(feed.trouble()).toMatch(/^the cameras file is not valid/);
    await put(door());
    await feed.list();
    expect(feed.trouble()).toBeNull();
  });

  it('reads an ordinary folder too', async () => {
    await put(door());
    await writeFile(join(secret.path, 'username'), 'viewer');
    await writeFile(join(secret.path, 'password'), 'plain');
    expect(await open().list()).toMatchObject([{ credentials: { username: 'viewer', password: 'plain' } }]);
  });
});
