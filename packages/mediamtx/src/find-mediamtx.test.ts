import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findMediaMtx } from './find-mediamtx.ts';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'camplane-find-')));
});
afterEach(() => rm(folder, { recursive: true }));

async function program(path: string, version: string): Promise<string> {
  const file = join(folder, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
  return file;
}

describe('findMediaMtx', () => {
  it('prefers the configured binary, then the checkout, then the PATH', async () => {
    const onPath = await program('path/mediamtx', 'v1.20.1');
    const options = { startFolder: join(folder, 'a/b'), searchPath: `/nowhere:${join(folder, 'path')}` };
    expect(await findMediaMtx(options)).toBe(onPath);
    const inCheckout = await program('a/.tools/bin/mediamtx', 'v1.20.1');
    expect(await findMediaMtx(options)).toBe(inCheckout);
    const configured = await program('own', 'v1.20.1');
    expect(await findMediaMtx({ ...options, configured })).toBe(configured);
  });

  it('names the remedy if MediaMTX is missing', async () => {
    await expect(findMediaMtx({ startFolder: folder })).rejects.toThrow("run 'make setup'");
  });

  it('rejects a missing configured binary instead of using another', async () => {
    await program('path/mediamtx', 'v1.20.1');
    const options = {
      startFolder: folder,
      searchPath: join(folder, 'path'),
      configured: '/nowhere/mediamtx',
    };
    await expect(findMediaMtx(options)).rejects.toThrow('MEDIAMTX_BIN is /nowhere/mediamtx');
  });

  it('rejects another version', async () => {
    await program('path/mediamtx', 'v1.19.0');
    const options = { startFolder: folder, searchPath: join(folder, 'path') };
    await expect(findMediaMtx(options)).rejects.toThrow("MediaMTX '1.19.0', but 1.20.1 is required");
  });
});
