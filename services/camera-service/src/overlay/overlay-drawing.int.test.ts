import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Overlay } from '@camplane/contracts/camera';
import { waitUntil } from '@camplane/testkit/wait-until';
import sharp from 'sharp';
import {
  difference,
  endTrials,
  folder,
  fps,
  grayFrames,
  h264File,
  height,
  mask,
  maskRegion,
  movingRegion,
  prepareTrials,
  samples,
  start,
  titleRegion,
  width,
} from './testing/overlay-trial.ts';

jest.setTimeout(60_000);
beforeAll(prepareTrials);
afterAll(endTrials);

describe('an overlay session', () => {
  it.each(['bgr24', 'yuv420p'] as const)(
    'draws masks and a running clock on every frame of %s',
    async (format) => {
      const file = join(folder.path, `drawn-${format}.nut`);
      const session = start({
        format,
        output: h264File(file),
        frames: () => ({ fps: 5, width, quality: 90 }),
      });
      await waitUntil(
        () => session.counts.delivered,
        (count) => count >= 2.2 * fps,
        { what: 'frames' },
      );
      session.abort();
      await session.ended;

      const frames = await grayFrames(file);
      expect(frames.length).toBeGreaterThan(2 * fps);
      for (const frame of frames) {
        expect(Math.max(...samples(frame, maskRegion))).toBeLessThan(40);
        expect(samples(frame, titleRegion).filter((value) => value > 180).length).toBeGreaterThan(300);
      }
      // After a second the clock shows other digits; the video moves in every frame.
      expect(difference(frames[2], frames[2 + fps], titleRegion)).toBeGreaterThan(10);
      expect(difference(frames[2], frames[3], movingRegion)).toBeGreaterThan(0);
      // An encoder that keeps up gets every frame; a busy machine drops some.
      expect(session.counts.dropped).toBeLessThan(session.counts.delivered / 2);
    },
  );

  it.each(['bgr24', 'yuv420p'] as const)(
    'provides small frames of %s with masks, without text and boxes',
    async (format) => {
      const boxes = () => [{ x: 0.1, y: 0.3, width: 0.3, height: 0.3, label: 'person', confidence: 1 }];
      const session = start({ format, boxes, frames: () => ({ fps: 10, width, quality: 95 }) });
      const [frame] = await waitUntil(
        () => session.jpegs,
        (all) => all.length > 5,
        { what: 'pictures' },
      );
      session.abort();
      await session.ended;
      if (frame === undefined) throw new Error('unreachable');
      const rgb = await sharp(frame.jpeg).removeAlpha().raw().toBuffer();
      expect(Math.max(...samples(rgb, maskRegion, 3))).toBeLessThan(30);
      // Everything else is the grey of the camera's clip.
      for (const region of [titleRegion, { left: 40, top: 60, right: 220, bottom: 250 }]) {
        expect(samples(rgb, region, 3).filter((value) => Math.abs(value - 128) >= 12)).toEqual([]);
      }
      expect(Math.abs(Date.now() - frame.capturedAt)).toBeLessThan(10_000);
    },
  );

  it('applies changes from the next frame, and provides no frame that shows a new private area', async () => {
    const file = join(folder.path, 'drawn-otherwise.nut');
    let overlay: Overlay = { timestamp: false, boxes: false, privacyMasks: [] };
    const session = start({
      drawing: () => ({ overlay, cameraName: '' }),
      output: h264File(file),
      frames: () => ({ fps: 15, width, quality: 90 }),
    });
    const framesAfter = async (count: number) => {
      const goal = session.counts.delivered + count;
      await waitUntil(
        () => session.counts.delivered,
        (delivered) => delivered > goal,
        { what: 'frames', timeoutMs: 20_000 },
      );
    };
    await framesAfter(fps);
    const before = session.jpegs.length;
    overlay = { timestamp: true, boxes: false, privacyMasks: [mask] };
    await framesAfter(2 * fps);
    session.abort();
    await session.ended;

    const isBlack = (pixels: Uint8Array, channels: number) =>
      Math.max(...samples(pixels, maskRegion, channels)) < 40;
    const frames = (await grayFrames(file)).map((frame) => isBlack(frame, 1));
    expect(frames.indexOf(true)).toBeGreaterThan(fps / 2);
    expect(frames.slice(frames.indexOf(true))).not.toContain(false);
    expect(session.jpegs.length).toBeGreaterThan(before);
    const pictures = session.jpegs.map(({ jpeg }) => sharp(jpeg).removeAlpha().raw().toBuffer());
    const hidden = (await Promise.all(pictures)).map((rgb) => isBlack(rgb, 3));
    expect(hidden.slice(0, before)).not.toContain(true);
    expect(hidden.slice(before)).not.toContain(false);
  });

  it('starts, changes and stops small frames while it runs', async () => {
    let request: { fps: number; width: number; quality: number } | null = null;
    const session = start({ frames: () => request });
    await waitUntil(
      () => session.counts.delivered,
      (count) => count > 5,
      { what: 'frames' },
    );
    expect(session.jpegs).toHaveLength(0);
    request = { fps: 15, width: 320, quality: 70 };
    await waitUntil(
      () => session.jpegs.at(-1)?.width,
      (w) => w === 320,
      { what: 'frames 320 wide' },
    );
    request = { fps: 15, width: 2000, quality: 70 };
    await waitUntil(
      () => session.jpegs.at(-1)?.width,
      (w) => w === width,
      { what: 'frames no wider than the source' },
    );
    request = null;
    const before = session.counts.delivered;
    await waitUntil(
      () => session.counts.delivered,
      (count) => count > before + 10,
      { what: 'more frames' },
    );
    const soFar = session.jpegs.length;
    await waitUntil(
      () => session.counts.delivered,
      (count) => count > before + 20,
      { what: 'more frames' },
    );
    expect(session.jpegs).toHaveLength(soFar);
    session.abort();
    await session.ended;
  });

  it('draws boxes and removes them after a second', async () => {
    const file = join(folder.path, 'boxes.nut');
    const once = [{ x: 0.1, y: 0.4, width: 0.3, height: 0.4, label: 'person', confidence: 0.9 }];
    let boxes: typeof once = [];
    const session = start({ boxes: () => boxes, output: h264File(file) });
    await waitUntil(
      () => session.counts.delivered,
      (count) => count > 5,
      { what: 'frames' },
    );
    boxes = once;
    await waitUntil(
      () => session.counts.delivered,
      (count) => count > 3 * fps,
      { what: 'frames' },
    );
    session.abort();
    await session.ended;
    const edge = { left: 0.1 * width, top: 0.5 * height, right: 0.1 * width + 1, bottom: 0.7 * height };
    const has = (await grayFrames(file)).map((frame) => samples(frame, edge).every((value) => value > 145));
    const [first, last] = [has.indexOf(true), has.lastIndexOf(true)];
    expect(first).toBeGreaterThan(0);
    expect(last - first).toBeGreaterThan(0.7 * fps);
    expect(last - first).toBeLessThan(1.3 * fps);
  });
});
