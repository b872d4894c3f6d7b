import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findFfmpeg } from './find-ffmpeg.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'camplane-find-'));
  await writeProgram('ffmpeg', '#!/bin/sh\necho "ffmpeg version 4.4.2-0ubuntu"\n');
  await writeProgram('ffprobe', '#!/bin/sh\n');
  await writeFile(join(folder, 'no-program'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function writeProgram(name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text);
  await chmod(join(folder, name), 0o755);
}

describe('findFfmpeg', () => {
  it('finds the installed programs on the PATH', async () => {
    const found = await findFfmpeg({ configured: undefined, searchPath: process.env['PATH'] ?? '' });
    expect(found.ffmpegPath).toMatch(/\/ffmpeg$/);
    expect(found.ffprobePath).toMatch(/\/ffprobe$/);
    expect(found.version).toMatch(/\d/);
  });

  it('names the remedy if FFmpeg is missing', async () => {
    await expect(findFfmpeg({ configured: undefined, searchPath: '/nowhere:' })).rejects.toThrow(
      'apt-get install ffmpeg',
    );
    await expect(findFfmpeg({ configured: join(folder, 'no-program'), searchPath: '' })).rejects.toThrow(
      'FFMPEG_BIN',
    );
  });

  it('refuses one that is too old', async () => {
    await expect(findFfmpeg({ configured: join(folder, 'ffmpeg'), searchPath: '' })).rejects.toThrow('4.4.2');
  });
});
