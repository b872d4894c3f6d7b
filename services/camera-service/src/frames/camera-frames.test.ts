import { describe, expect, it } from '@jest/globals';
import { cameraInputSchema } from '@camplane/contracts/camera';
import type { Frame } from '@camplane/contracts/frame';
import type { TapSettings } from '@camplane/jpeg-tap/frame-request';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import { createCameraFrames } from './camera-frames.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

function camera(input: object = {}) {
  const { source, ...spec } = cameraInputSchema.parse({ source: { url: 'test:testsrc2' }, ...input });
  return { id: 'door', spec: { ...spec, source }, credentials: null, generation: 1, startRequestedAt: null };
}

const frameAt = (capturedAt: number): JpegFrame => ({
  ...{ jpeg: Buffer.of(0xff, 0xd8), width: 640, height: 360, sequence: 0 },
  capturedAt,
});

function setUp() {
  const published: Frame[] = [];
  let nowMs = 0;
  let isRefusing = false;
  const settings: (TapSettings | null)[] = [];
  const frames = createCameraFrames({
    fpsMax: 5,
    publish: (frame) => {
      if (isRefusing) return Promise.reject(new Error('the broker is unreachable'));
      published.push(frame);
      return Promise.resolve();
    },
    onDropped: () => undefined,
    now: () => nowMs,
    onTapSettings: (next) => settings.push(next),
  });
  return {
    ...{ frames, published, settings },
    at: (ms: number) => (nowMs = ms),
    refuse: () => (isRefusing = true),
  };
}

describe('the frames of a camera', () => {
  it('are requested for detection as configured, up to the maximum rate', () => {
    const { frames, settings } = setUp();
    frames.configure(camera({ frames: { fps: 20, width: 320, quality: 50 } }));
    frames.configure(camera({ frames: { fps: 20, width: 320, quality: 50 }, displayName: 'Door' }));
    frames.configure(camera({ detection: { enabled: false } }));
    expect(settings).toEqual([{ fps: 5, width: 320, quality: 50, keyFramesOnly: false }, null]);
  });

  it('stay requested while the request changes', () => {
    const { frames, settings } = setUp();
    frames.configure(camera({ frames: { width: 320 } }));
    frames.configure(camera({ frames: { width: 640 } }));
    expect(settings.map((each) => each?.width)).toEqual([320, 640]);
  });

  it('are published at the rate of detection, with its settings, while another purpose requests more', async () => {
    const { frames, published } = setUp();
    const preview: number[] = [];
    frames.configure(camera({ frames: { fps: 1 }, detection: { minConfidence: 0.9 } }));
    const request = { purpose: 'preview', fps: 5, width: 640, quality: 80, keyFramesOnly: false };
    frames.subscribe(request, ({ capturedAt }) => preview.push(capturedAt));
    for (let atMs = 0; atMs < 4000; atMs += 200) {
      frames.deliver(frameAt(atMs));
      await settle();
    }
    expect(preview).toHaveLength(20);
    expect(published.map(({ capturedAt }) => capturedAt)).toEqual([0, 1000, 2000, 3000]);
    expect(published[0]?.detection.minConfidence).toBe(0.9);
  });

  it('keep the latest frame until it is discarded', () => {
    const { frames } = setUp();
    frames.deliver(frameAt(0));
    frames.deliver(frameAt(100));
    expect(frames.latest()?.capturedAt).toBe(100);
    frames.discard();
    expect(frames.latest()).toBeNull();
  });

  it('report when the bus accepted and refused one, and nothing while detection is off', async () => {
    const { frames, at, refuse } = setUp();
    at(100);
    frames.configure(camera({ frames: { fps: 20 } }));
    const requested = { requestedFps: 5, requestedSinceMs: 100 };
    expect(frames.detectionFrames()).toEqual({ ...requested, deliveredMs: null, refusedMs: null });
    at(200);
    frames.deliver(frameAt(0));
    await settle();
    refuse();
    at(300);
    frames.deliver(frameAt(1000));
    await settle();
    expect(frames.detectionFrames()).toEqual({ ...requested, deliveredMs: 200, refusedMs: 300 });
    frames.configure(camera({ detection: { enabled: false } }));
    expect(frames.detectionFrames()).toBeNull();
  });
});
