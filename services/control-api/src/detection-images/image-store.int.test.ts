import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createMetrics } from '@camplane/service-kit/metrics';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../testing/running-api.ts';
import { jpegOf } from '../testing/result-of.ts';
import { mountSmallDisk } from '../testing/small-disk.ts';
import { createImageStore } from './image-store.ts';
import type { ImageStore, ImageStoreConfig } from './image-store.ts';

jest.setTimeout(60_000);

const kib = 1024;
const mib = 1024 * kib;
const dayMs = 24 * 3600_000;
const noon = Date.parse('2026-11-21T12:00:00.000Z');

let folder: TemporaryFolder;
let nowMs = noon;
const ends: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await createTemporaryFolder();
  nowMs = noon;
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await folder.remove();
});

function start(config: Partial<ImageStoreConfig> = {}) {
  const lines: string[] = [];
  const metrics = createMetrics('test', { processMetrics: false });
  const log = (_fields: object, message: string): void => void lines.push(message);
  const store = createImageStore(
    { folder: join(folder.path, 'frames'), retentionDays: 7, maxBytes: 100 * mib, ...config },
    {
      log: { info: log, warn: log } as never,
      metrics,
      clock: { now: () => nowMs },
      wallClock: { epochMs: () => nowMs },
    },
  );
  ends.push(() => store.stop());
  const metric = async (name: string): Promise<number> => {
    const text = await metrics.registry.metrics();
    const line = text.split('\n').find((each) => each.startsWith('camplane') && each.includes(name));
    return Number(line?.split(' ').at(-1) ?? 0);
  };
  return { store, lines, metric, root: config.folder ?? join(folder.path, 'frames') };
}

const frame = (atMs: number, cameraId = 'a', sequence = 1) => ({
  cameraId,
  capturedAt: new Date(atMs),
  sequence,
});

async function bytesOf(store: ImageStore, path: string): Promise<number> {
  const image = await store.open(path);
  await image?.handle.close();
  return image?.bytes ?? -1;
}

async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)).sort();
}

describe('an image', () => {
  it('is read back, and is one file when delivered twice', async () => {
    const { store, root, metric } = start();
    const path = await store.keep(frame(noon), jpegOf(5000));
    expect(path).toBe('a/2026-11-21/120000.000-1.jpg');
    expect(await store.keep(frame(noon), jpegOf(5000))).toBe(path);
    expect(await filesBelow(root)).toEqual([path]);
    expect((await readFile(join(root, path ?? ''))).equals(jpegOf(5000))).toBe(true);
    expect([await store.has(path ?? ''), await bytesOf(store, path ?? '')]).toEqual([true, 5000]);
    expect(await metric('outcome="kept"')).toBe(2);
  });

  it.each([
    ['without a JPEG', Buffer.from('<script>'), frame(noon)],
    ['without content', Buffer.alloc(0), frame(noon)],
    ['with a path as camera id', jpegOf(100), frame(noon, '../../x')],
    ['with an invalid sequence', jpegOf(100), { ...frame(noon), sequence: 0.5 }],
  ])('is not stored %s', async (_what, jpeg, of) => {
    const { store, metric } = start();
    expect(await store.keep(of, jpeg)).toBeNull();
    expect(await metric('outcome="invalid"')).toBe(1);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it.each([
    '../secret.jpg',
    'a/../../secret.jpg',
    'a/2026-11-21/../../../secret.jpg',
    '/etc/passwd',
    'a/2026-11-21/120000.000-9.jpg',
    'a/2026-11-21/120000.000-8.jpg',
  ])('is not read from %s', async (path) => {
    const { store, root } = start();
    await writeFile(join(folder.path, 'secret.jpg'), jpegOf(100));
    await store.keep(frame(noon), jpegOf(100));
    await symlink(join(folder.path, 'secret.jpg'), join(root, 'a/2026-11-21/120000.000-9.jpg'));
    await mkdir(join(root, 'a/2026-11-21/120000.000-8.jpg'));
    expect(await store.open(path)).toBeUndefined();
  });

  it('is not stored, with one log line, if the folder cannot be written', async () => {
    const { store, root, lines, metric } = start();
    await writeFile(root, 'in the way');
    for (const second of [1, 2, 3]) {
      expect(await store.keep(frame(noon + second * 1000), jpegOf(100))).toBeNull();
    }
    expect(lines).toEqual([expect.stringContaining('failed to write an image to FRAME_STORAGE_PATH')]);
    expect(await metric('outcome="failed"')).toBe(3);
  });
});

describe('retention', () => {
  it('by days removes older images and empty folders, and no other file', async () => {
    const { store, root } = start({ retentionDays: 7 });
    const kept = [0, 3, 7].map((days) => noon - days * dayMs);
    for (const atMs of kept) await store.keep(frame(atMs), jpegOf(100));
    nowMs = noon - 30 * dayMs;
    for (const days of [8, 9, 30]) await store.keep(frame(noon - days * dayMs), jpegOf(100));
    await store.keep(frame(noon - 30 * dayMs, 'gone'), jpegOf(100));
    const foreign = [
      'a/2026-10-22/notes.txt',
      'a/2026-10-22/120000.jpg',
      'a/holiday/120000.000-1.jpg',
      'Photos/2026-10-22/120000.000-1.jpg',
      'lost+found/2026-10-22/120000.000-1.jpg',
      '2026-10-22.jpg',
    ];
    for (const path of foreign) {
      await mkdir(join(root, path, '..'), { recursive: true });
      await writeFile(join(root, path), 'mine');
    }
    await mkdir(join(folder.path, 'elsewhere'));
    await writeFile(join(folder.path, 'elsewhere/120000.000-1.jpg'), 'mine');
    await symlink(join(folder.path, 'elsewhere'), join(root, 'a/2026-10-01'));
    nowMs = noon;
    await store.sweep();
    expect(await filesBelow(root)).toEqual(
      [
        ...foreign,
        'a/2026-10-01',
        ...kept.map((atMs) => `a/${new Date(atMs).toISOString().slice(0, 10)}/120000.000-1.jpg`),
      ].sort(),
    );
    expect(existsSync(join(root, 'gone'))).toBe(false);
    expect(existsSync(join(root, 'a/2026-11-13'))).toBe(false);
    expect(await readdir(join(folder.path, 'elsewhere'))).toHaveLength(1);
    expect(await store.keep(frame(noon - 8 * dayMs), jpegOf(100))).toBeNull();
  });

  it('by bytes removes the oldest of all cameras first, including those of earlier runs', async () => {
    const earlier = start();
    const times = Array.from({ length: 40 }, (_, index) => noon - (40 - index) * 3600_000);
    for (const [index, atMs] of times.entries()) {
      await earlier.store.keep(frame(atMs, index % 2 === 0 ? 'a' : 'b'), jpegOf(10 * kib));
    }
    await earlier.store.stop();
    const { store, root, metric } = start({ maxBytes: 200 * kib });
    // Files written in the millisecond of the count are not part of it.
    await eventually(async () => {
      nowMs += 2 * 3600_000;
      await store.sweep();
      expect(await filesBelow(root)).toHaveLength(19);
    });
    const oldestFirst = (await filesBelow(root)).sort((one, other) =>
      one.slice(2) < other.slice(2) ? -1 : 1,
    );
    expect(oldestFirst[0]).toBe('b/2026-11-20/170000.000-1.jpg');
    expect(await metric('camplane_frame_storage_bytes')).toBe(190 * kib);
    expect(await metric('reason="bytes"')).toBe(21);
    // From here on with each write.
    for (let second = 0; second < 10; second++)
      await store.keep(frame(noon + second * 1000), jpegOf(10 * kib));
    await eventually(async () =>
      expect(await metric('camplane_frame_storage_bytes')).toBeLessThanOrEqual(200 * kib),
    );
    expect(await store.has('a/2026-11-21/120009.000-1.jpg')).toBe(true);
  });

  it('removes nothing in a new process before its limits are exceeded', async () => {
    const earlier = start();
    const path = (await earlier.store.keep(frame(noon), jpegOf(100))) ?? '';
    const { store } = start();
    await store.sweep();
    expect(await store.has(path)).toBe(true);
  });

  it('removes the file of an interrupted write after ten minutes', async () => {
    const { store, root } = start();
    await store.keep(frame(noon), jpegOf(100));
    const left = join(root, 'a/2026-11-21/.120001.000-1.jpg.0123abcd.part');
    await writeFile(left, 'half');
    await store.sweep();
    expect(existsSync(left)).toBe(true);
    await utimes(left, new Date(Date.now() - 3600_000), new Date(Date.now() - 3600_000));
    nowMs += 2 * 3600_000;
    await store.sweep();
    expect(existsSync(left)).toBe(false);
  });
});

describe('a full disk', () => {
  async function smallDisk(bytes: number): Promise<string> {
    const disk = await mountSmallDisk(bytes);
    ends.push(() => disk.unmount());
    return disk.path;
  }

  it('replaces the oldest images with new ones', async () => {
    const path = await smallDisk(24 * mib);
    const { store, lines, metric } = start({ folder: path });
    const paths: (string | null)[] = [];
    for (let second = 0; second < 60; second++) {
      paths.push(await store.keep(frame(noon + second * 1000), jpegOf(1 * mib)));
    }
    expect(paths).not.toContain(null);
    const exists = await Promise.all(paths.map((each) => store.has(each ?? '')));
    const firstKept = exists.indexOf(true);
    expect(firstKept).toBeGreaterThan(30);
    expect(exists.slice(firstKept)).not.toContain(false);
    expect(lines).toEqual([expect.stringContaining('full, removing the oldest images')]);
    expect(await metric('camplane_frame_storage_full')).toBe(1);
    expect(await metric('reason="disk-full"')).toBe(firstKept);
    await eventually(async () => {
      nowMs += 31_000;
      await store.keep(frame(nowMs), jpegOf(1000));
      expect(await metric('camplane_frame_storage_full')).toBe(0);
    });
    expect(lines.at(-1)).toBe('images of detections can be written again');
  });

  it('that other files fill stores no image until there is room again', async () => {
    const path = await smallDisk(4 * mib);
    const { store, lines, metric } = start({ folder: path });
    await writeFile(join(path, 'other'), Buffer.alloc(10 * mib)).catch(() => {});
    for (let second = 0; second < 5; second++) {
      expect(await store.keep(frame(noon + second * 1000), jpegOf(100 * kib))).toBeNull();
    }
    expect(await metric('outcome="disk-full"')).toBe(5);
    expect(lines).toHaveLength(1);
    expect(await filesBelow(path)).toEqual(['other']);
    await writeFile(join(path, 'other'), '');
    nowMs += 31_000;
    expect(await store.keep(frame(nowMs), jpegOf(100 * kib))).not.toBeNull();
    expect(await metric('camplane_frame_storage_full')).toBe(0);
    expect(lines).toHaveLength(2);
  });
});
