import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startChild } from '@camplane/supervisor/child-process';
import type { ChildLimits } from '@camplane/supervisor/child-process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { ffmpegFailure } from './ffmpeg-failure.ts';
import { defaultFfmpegLimits, limitsOf } from './process-limits.ts';

jest.setTimeout(60_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'camplane-limits-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ffmpeg = (args: string[], limits: ChildLimits = limitsOf(defaultFfmpegLimits, 'encode')) => {
  const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'warning', '-y'];
  const signal = AbortSignal.timeout(50_000);
  return startChild({ name: 'test', command: 'ffmpeg', args: [...quiet, ...args], limits, signal }).ended;
};

/** A picture that declares its size, and contains almost no data (PNG specification, 11.2.2). */
function pngOf(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 16 bits for each of red, green and blue.
  header.set([16, 2], 8);
  const parts = [
    ['IHDR', header],
    ['IDAT', deflateSync(Buffer.alloc(100_000))],
    ['IEND', Buffer.alloc(0)],
  ] as const;
  const chunks = parts.map(([type, data]) => {
    const typed = Buffer.concat([Buffer.from(type), data]);
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    checksum.writeUInt32BE(crc32(typed));
    return Buffer.concat([length, typed, checksum]);
  });
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks]);
}

describe('limits of FFmpeg', () => {
  it('end an FFmpeg whose camera declares a picture of 1.5 GB in 200 bytes', async () => {
    const file = join(folder, 'declared.png');
    await writeFile(file, pngOf(16_000, 16_000));
    // The limit of a machine with two cores.
    const limits = { memoryBytes: 1.25 * 1024 ** 3 };
    const args = ['-i', file, '-frames:v', '1', '-vf', "scale='min(640,iw)':-2", '-f', 'mjpeg', 'pipe:1'];
    const ending = await ffmpeg(args, limits);
    expect(ending.stderrTail.join('\n')).toContain('Cannot allocate memory');
    expect(ffmpegFailure({ ...ending, kind: 'exited', code: 1 })).toMatchObject({
      kind: 'InvalidData',
      message: expect.stringContaining('limit of memory'),
    });
  });

  it('end an FFmpeg that uses more processor time than allowed, and say how much', async () => {
    const limits = limitsOf({ ...defaultFfmpegLimits, encodeCores: 0.2 }, 'encode');
    const args = [
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=1280x720:rate=30',
      '-c:v',
      'libx264',
      '-f',
      'null',
      '-',
    ];
    const ending = await ffmpeg(args, { ...limits, processor: { coresMax: 0.2, windowMs: 600 } });
    expect(limits.processor).toEqual({ coresMax: 0.2 });
    expect(ffmpegFailure(ending)).toMatchObject({
      kind: 'ProcessorLimitExceeded',
      message: expect.stringMatching(/^FFmpeg used [1-9\d.]+ processor cores .* 0\.2 are allowed\.$/),
    });
  });

  it('leave room to transcode 4K H.265', async () => {
    const file = join(folder, '4k.mp4');
    const encoder = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none'];
    const made = await ffmpeg([
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=3840x2160:rate=3',
      '-t',
      '1',
      ...encoder,
      file,
    ]);
    expect(made).toMatchObject({ kind: 'exited', code: 0 });
    const transcoded = await ffmpeg([
      '-i',
      file,
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-f',
      'null',
      '-',
    ]);
    expect(transcoded).toMatchObject({ kind: 'exited', code: 0, stderrTail: [] });
  });
});
