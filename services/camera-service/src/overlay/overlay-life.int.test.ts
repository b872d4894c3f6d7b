import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { buildOverlayEncode } from '@camplane/ffmpeg/arguments/overlay-encode';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { residentBytesOf } from '@camplane/testkit/processes';
import { waitUntil } from '@camplane/testkit/wait-until';
import {
  clip,
  endTrials,
  folder,
  fps,
  height,
  pidOf,
  prepareTrials,
  start,
  traces,
  tracesBefore,
  width,
} from './testing/overlay-trial.ts';

jest.setTimeout(60_000);
beforeAll(prepareTrials);
afterAll(endTrials);

describe('the lifecycle of an overlay session', () => {
  it('drops frames while the encoder hangs, keeps reading, and recovers', async () => {
    const session = start({});
    await waitUntil(
      () => session.counts.delivered,
      (count) => count > 5,
      { what: 'frames' },
    );
    const encoder = await pidOf('drawn');
    process.kill(encoder, 'SIGSTOP');
    try {
      await waitUntil(
        () => session.counts.dropped,
        (count) => count >= 2 * fps,
        { what: 'dropped frames', timeoutMs: 6000 },
      );
    } finally {
      process.kill(encoder, 'SIGCONT');
    }
    const { delivered, dropped } = session.counts;
    await waitUntil(
      () => session.counts.delivered,
      (count) => count > delivered + fps,
      { what: 'frames again' },
    );
    // Only frames that were in flight when it stopped can still be lost.
    expect(session.counts.dropped - dropped).toBeLessThan(8);
    session.abort();
    await session.ended;
  });

  it('stays in time after dropped frames', async () => {
    const file = join(folder.path, 'time.nut');
    const session = start({
      encode: (input, size) => {
        const { args } = buildOverlayEncode({
          input,
          ...size,
          fps,
          format: 'bgr24',
          target: 'rtsp://unused',
        });
        return { args: [...args.slice(0, args.lastIndexOf('-f')), '-y', '-f', 'nut', file] };
      },
    });
    await waitUntil(
      () => session.counts.delivered,
      (count) => count > fps,
      { what: 'frames' },
    );
    const encoder = await pidOf('drawn');
    process.kill(encoder, 'SIGSTOP');
    await waitUntil(
      () => session.counts.dropped,
      (count) => count >= 2 * fps,
      { what: 'dropped frames' },
    );
    process.kill(encoder, 'SIGCONT');
    const before = session.counts.delivered;
    await waitUntil(
      () => session.counts.delivered,
      (count) => count > before + fps,
      { what: 'frames again' },
    );
    session.abort();
    await session.ended;
    const total = session.counts.delivered + session.counts.dropped;
    const args = ['-v', 'error', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', file];
    const { stdout } = await promisify(execFile)('ffprobe', args);
    const times = stdout.trim().split('\n').map(Number);
    const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
    expect(Math.abs(span - total / fps)).toBeLessThan(0.4);
    const gaps = times.slice(1).map((time, n) => time - (times[n] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    expect(Math.max(...gaps)).toBeGreaterThan(1.5);
  });

  it('names its drawing thread, so that a leaked one is visible', async () => {
    const session = start({});
    await waitUntil(
      () => session.counts.delivered,
      (count) => count > 3,
      { what: 'frames' },
    );
    expect((await traces()).threads).toHaveLength(1);
    session.abort();
    await session.ended;
  });

  it('stops everything when one of its processes is killed, and reports the reason', async () => {
    const before = await tracesBefore();
    for (const part of ['decoded', 'drawn'] as const) {
      const session = start({});
      await waitUntil(
        () => session.counts.delivered,
        (count) => count > 3,
        { what: 'frames' },
      );
      process.kill(await pidOf(part), 'SIGKILL');
      const failure = await session.ended.catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(RunFailure);
      expect((failure as RunFailure).kind).toBe('Killed');
      expect(await traces()).toEqual(before);
    }
  });

  it('reports why the source cannot be opened', async () => {
    const session = start({ input: ['-i', join(folder.path, 'absent.mp4')] });
    await expect(session.ended).rejects.toMatchObject({ name: 'RunFailure', kind: 'NotFound' });
  });

  it('reports the end of the stream', async () => {
    const session = start({ input: ['-t', '1', '-i', clip] });
    await expect(session.ended).rejects.toMatchObject({ name: 'RunFailure', kind: 'Ended' });
  });

  it('fails as Internal when the drawing thread fails', async () => {
    const before = await tracesBefore();
    const session = start({ width: 50_000, height: 50_000 });
    await expect(session.ended).rejects.toMatchObject({ name: 'RunFailure', kind: 'Internal' });
    expect(await traces()).toEqual(before);
  });

  it('stops even if the encoder hangs', async () => {
    const before = await tracesBefore();
    const session = start({});
    await waitUntil(
      () => session.counts.delivered,
      (count) => count > 3,
      { what: 'frames' },
    );
    process.kill(await pidOf('drawn'), 'SIGSTOP');
    await waitUntil(
      () => session.counts.dropped,
      (count) => count > 3,
      { what: 'dropped frames' },
    );
    const startedMs = performance.now();
    session.abort();
    await session.ended;
    expect(performance.now() - startedMs).toBeLessThan(6500);
    expect(await traces()).toEqual(before);
  });

  it('leaves nothing behind when aborted at any time', async () => {
    const before = await tracesBefore();
    for (let n = 0; n < 25; n += 1) {
      const session = start({ frames: () => ({ fps: 15, width: 320, quality: 80 }) });
      await new Promise((resolve) => setTimeout(resolve, (n * 37) % 700));
      const startedMs = performance.now();
      session.abort();
      await session.ended;
      expect(performance.now() - startedMs).toBeLessThan(2500);
    }
    expect(await traces()).toEqual(before);
  });

  it('uses constant memory over thousands of frames', async () => {
    let n = 0;
    const boxes = () => [
      { x: 0.1, y: 0.4, width: 0.3, height: 0.4, label: `thing${(n += 1)}`, confidence: 0.9 },
    ];
    const input = ['-f', 'lavfi', '-i', `color=gray:s=${width}x${height}:r=1000`];
    const session = start({ input, boxes, frames: () => ({ fps: 30, width: 320, quality: 80 }) });
    const frames = () => session.counts.delivered + session.counts.dropped;
    await waitUntil(frames, (count) => count > 2000, { what: 'frames', timeoutMs: 15_000 });
    const before = await residentBytesOf(process.pid);
    await waitUntil(frames, (count) => count > 8000, { what: 'frames', timeoutMs: 40_000 });
    const after = await residentBytesOf(process.pid);
    session.abort();
    await session.ended;
    expect((after - before) / 1e6).toBeLessThan(40);
  });
});
