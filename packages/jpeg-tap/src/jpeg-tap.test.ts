import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { defaultFfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { monotonicClock } from '@camplane/runtime/clock';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { JpegFrame } from './jpeg-frame.ts';
import { createJpegTap } from './jpeg-tap.ts';
import type { JpegTap } from './jpeg-tap.ts';
import { testJpeg } from './testing/test-jpeg.ts';

jest.setTimeout(30_000);

const settings = { fps: 2, width: 640, quality: 80, keyFramesOnly: false };
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let tap: JpegTap | null = null;
beforeEach(async () => {
  folder = await createTemporaryFolder();
});
afterEach(async () => {
  await tap?.stop();
  await folder.remove();
});

/** A program in place of FFmpeg: it notes its arguments, writes a JPEG at each interval, and `end` after six. */
async function createProgram(options: { intervalSeconds: number; end: string }): Promise<string> {
  const path = (name: string) => join(folder.path, name);
  await writeFile(path('frame.jpg'), testJpeg({ width: 320, height: 180 }));
  const lines = [
    '#!/bin/sh',
    `echo "$@" >> ${path('starts')}`,
    `for n in 1 2 3 4 5 6; do cat ${path('frame.jpg')}; sleep ${options.intervalSeconds}; done`,
    options.end,
  ];
  await writeFile(path('program'), lines.join('\n'));
  await chmod(path('program'), 0o755);
  return path('program');
}

async function starts(): Promise<string[]> {
  const text = await readFile(join(folder.path, 'starts'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

function createTap(program: string) {
  const frames: JpegFrame[] = [];
  tap = createJpegTap(
    { name: 'door', url: () => 'rtsp://127.0.0.1/door', onFrame: (frame) => frames.push(frame) },
    {
      ffmpegPath: program,
      ffmpegLimits: defaultFfmpegLimits,
      clock: monotonicClock,
      wallClock: { epochMs: () => 1000 },
      random: () => 0.5,
      log: { debug: () => undefined },
    },
  );
  return { tap, frames };
}

const until = <T>(what: string, read: () => T | Promise<T>, accept: (seen: T) => boolean) =>
  waitUntil(async () => read(), accept, { what, timeoutMs: 20_000 });

describe('a JPEG tap', () => {
  it('delivers numbered frames with their size, decoding key frames only', async () => {
    const { tap, frames } = createTap(await createProgram({ intervalSeconds: 0.05, end: 'sleep 60' }));
    tap.configure(settings);
    await until(
      'frames',
      () => frames.length,
      (count) => count >= 3,
    );
    expect(frames.slice(0, 3).map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
    expect(frames[0]).toMatchObject({ width: 320, height: 180, capturedAt: 1000 });
    expect(frames[0]?.jpeg).toEqual(testJpeg({ width: 320, height: 180 }));
    expect(await starts()).toEqual([expect.stringContaining('-skip_frame nokey')]);
  });

  it('decodes all frames once key frames are too rare', async () => {
    const { tap } = createTap(await createProgram({ intervalSeconds: 0.1, end: 'sleep 60' }));
    tap.configure({ ...settings, fps: 30 });
    const seen = await until('a second start', starts, (lines) => lines.length >= 2);
    expect(seen[1]).not.toContain('nokey');
  });

  it('decodes key frames only, however rare, if nothing else is requested', async () => {
    const { tap, frames } = createTap(await createProgram({ intervalSeconds: 0.1, end: 'exit 1' }));
    tap.configure({ ...settings, fps: 30, keyFramesOnly: true });
    await until(
      'frames of a second run',
      () => frames.length,
      (count) => count > 6,
    );
    for (const line of await starts()) expect(line).toContain('nokey');
  });

  it('restarts for other settings, not for equal ones', async () => {
    const { tap } = createTap(await createProgram({ intervalSeconds: 0.05, end: 'sleep 60' }));
    tap.configure(settings);
    tap.configure({ ...settings });
    await until('a start', starts, (lines) => lines.length === 1);
    tap.configure({ ...settings, width: 320 });
    const seen = await until('a second start', starts, (lines) => lines.length === 2);
    expect(seen[1]).toContain('min(320,iw)');
  });

  it('restarts after its process has ended', async () => {
    const { tap, frames } = createTap(await createProgram({ intervalSeconds: 0.01, end: 'exit 1' }));
    tap.configure(settings);
    await until(
      'frames of a second run',
      () => frames.length,
      (count) => count > 6,
    );
    expect((await starts()).length).toBeGreaterThan(1);
  });

  it('delivers nothing after it was stopped', async () => {
    const { tap, frames } = createTap(await createProgram({ intervalSeconds: 0.05, end: 'sleep 60' }));
    tap.configure(settings);
    await until(
      'a frame',
      () => frames.length,
      (count) => count > 0,
    );
    await tap.stop();
    const count = frames.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(frames).toHaveLength(count);
  });
});
