import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testedFfmpegs } from '@camplane/testkit/tested-ffmpegs';
import { findFfmpeg } from './find-ffmpeg.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'camplane-find-'));
  await writeProgram('ffmpeg', '#!/bin/sh\necho "ffmpeg version 4.4.2-0ubuntu"\n');
  await writeProgram('ffmpeg-alone', '#!/bin/sh\necho "ffmpeg version n9.0.2-17-g2a571b6068"\n');
  await mkdir(join(folder, 'probe'));
  await writeProgram('probe/ffprobe', '#!/bin/sh\n');
  await writeFile(join(folder, 'no-program'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function writeProgram(name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text);
  await chmod(join(folder, name), 0o755);
}

describe('findFfmpeg', () => {
  it('finds the two versions of the tests', async () => {
    const versions = await Promise.all(
      testedFfmpegs.map(({ command }) =>
        findFfmpeg({ configured: command, searchPath: process.env['PATH'] ?? '' }),
      ),
    );
    expect(versions.map(({ ffprobePath }) => ffprobePath)).toEqual([
      expect.stringMatching(/\/ffprobe$/),
      expect.stringMatching(/\/ffprobe$/),
    ]);
    expect(new Set(versions.map(({ version }) => version)).size).toBe(2);
  });

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
    const searchPath = join(folder, 'probe');
    await expect(findFfmpeg({ configured: join(folder, 'ffmpeg'), searchPath })).rejects.toThrow('4.4.2');
  });

  it('takes ffprobe from FFPROBE_BIN or the PATH if none is beside FFmpeg', async () => {
    const configured = join(folder, 'ffmpeg-alone');
    const ffprobePath = join(folder, 'probe/ffprobe');
    expect(await findFfmpeg({ configured, configuredProbe: ffprobePath, searchPath: '' })).toMatchObject({
      ffprobePath,
    });
    expect(await findFfmpeg({ configured, searchPath: join(folder, 'probe') })).toMatchObject({
      ffprobePath,
    });
    await expect(findFfmpeg({ configured, searchPath: '' })).rejects.toThrow('FFPROBE_BIN');
  });
});
