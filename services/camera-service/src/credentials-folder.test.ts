import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { readCredentials } from './credentials-folder.ts';
import { createMountedVolume } from './testing/mounted-volume.ts';

it('never combines name and password of two versions of a Secret', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  try {
    const volume = await createMountedVolume(join(folder, 'secret'));
    await volume.put({ username: '0', password: '0' });
    let changing = true;
    const change = async () => {
      for (let n = 1; changing; n += 1) await volume.put({ username: String(n), password: String(n) });
    };
    const changed = change();
    const read: unknown[] = [];
    while (read.length < 100) {
      // It throws after too many changes in a row; the caller retries.
      const login = await readCredentials(volume.path).catch(() => undefined);
      if (login !== undefined) read.push(login);
    }
    changing = false;
    await changed;
    for (const login of read) {
      expect(login).toEqual({
        username: expect.any(String),
        password: (login as { username: string }).username,
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
