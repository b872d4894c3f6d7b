import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FrameRequest, TapSettings } from './frame-request.ts';
import { createFrameSubscriptions } from './frame-subscriptions.ts';
import type { JpegFrame } from './jpeg-frame.ts';

const request = (purpose: string, change: Partial<FrameRequest> = {}): FrameRequest => ({
  ...{ purpose, fps: 2, width: 640, quality: 80, keyFramesOnly: false },
  ...change,
});

const frameAt = (capturedAt: number): JpegFrame => ({
  ...{ jpeg: Buffer.of(0xff, 0xd8), width: 640, height: 360, sequence: 0 },
  capturedAt,
});

function setUp() {
  const changes: (TapSettings | null)[] = [];
  const frames = createFrameSubscriptions({ fpsMax: 20, onChange: (settings) => changes.push(settings) });
  const subscribe = (wish: FrameRequest) => {
    const times: number[] = [];
    const unsubscribe = frames.subscribe(wish, ({ capturedAt }) => times.push(capturedAt));
    return { times, unsubscribe };
  };
  return { frames, changes, subscribe };
}

describe('frame subscriptions', () => {
  it('report the merged settings when they change, and only then', () => {
    const { changes, subscribe } = setUp();
    const detection = subscribe(request('detection'));
    const small = subscribe(request('snapshot', { fps: 1, width: 320 }));
    const large = subscribe(request('snapshot', { fps: 1, width: 1280 }));
    for (const { unsubscribe } of [small, large, large, detection]) unsubscribe();
    expect(changes.map((settings) => settings?.width ?? null)).toEqual([640, 1280, 640, null]);
  });

  it('deliver each frame to a subscriber that requests no less than the others', () => {
    const { frames, subscribe } = setUp();
    const { times } = subscribe(request('detection'));
    // The interval varies with the network; the tap has limited the rate.
    for (const atMs of [0, 440, 1010, 1430]) frames.deliver(frameAt(atMs));
    expect(times).toEqual([0, 440, 1010, 1430]);
  });

  it('deliver no more than requested while another purpose requests more', () => {
    const { frames, subscribe } = setUp();
    const detection = subscribe(request('detection', { fps: 2 }));
    const preview = subscribe(request('preview', { fps: 10 }));
    for (let atMs = 0; atMs < 5000; atMs += 100) frames.deliver(frameAt(atMs));
    expect(preview.times).toHaveLength(50);
    expect(detection.times).toHaveLength(10);
  });

  it('never exceed the requested rate, for any rates and any arrivals', () => {
    const rate = fc.double({ min: 0.1, max: 15, noNaN: true });
    const gaps = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(rate, gaps, (fps, gapsMs) => {
        const { frames, subscribe } = setUp();
        const { times } = subscribe(request('detection', { fps }));
        subscribe(request('preview', { fps: 20 }));
        let atMs = 0;
        for (const gapMs of gapsMs) frames.deliver(frameAt((atMs += gapMs)));
        const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000;
        expect(times.length).toBeLessThanOrEqual(seconds * fps + 1.2);
      }),
    );
  });

  it('continue after the wall clock was set back', () => {
    const { frames, subscribe } = setUp();
    const { times } = subscribe(request('detection'));
    subscribe(request('preview', { fps: 10 }));
    for (const atMs of [100_000, 100_500, 0, 500]) frames.deliver(frameAt(atMs));
    expect(times).toEqual([100_000, 100_500, 0, 500]);
  });

  it('let a subscriber leave with its first frame', () => {
    const { frames, changes } = setUp();
    let count = 0;
    const unsubscribe = frames.subscribe(request('snapshot'), () => {
      count += 1;
      unsubscribe();
    });
    frames.deliver(frameAt(0));
    frames.deliver(frameAt(1000));
    expect([count, changes.at(-1)]).toEqual([1, null]);
  });
});
