import { describe, expect, it } from '@jest/globals';
import { createDelayMeter, webrtcDelayMs } from './delay-meter.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the WebRTC delay meter', () => {
  it('assumes a delay until the jitter buffer is measured', async () => {
    let monotonicMs = 0;
    let frames = 0;
    const reports = async () => {
      frames += 50;
      return [
        {
          type: 'inbound-rtp',
          kind: 'video',
          jitterBufferDelay: frames * 0.04,
          jitterBufferEmittedCount: frames,
        },
      ];
    };
    const frameTimeMs = createDelayMeter(reports, () => monotonicMs);
    expect(frameTimeMs(10_000)).toBe(10_000 - webrtcDelayMs);
    await settled();
    expect(frameTimeMs(10_000)).toBeCloseTo(9_960);
    monotonicMs = 1_999;
    frameTimeMs(10_000);
    expect(frames).toBe(50);
    monotonicMs = 2_000;
    frameTimeMs(10_000);
    expect(frames).toBe(100);
  });

  it('keeps the last delay when statistics fail', async () => {
    const frameTimeMs = createDelayMeter(
      async () => Promise.reject(new Error('closed')),
      () => 0,
    );
    frameTimeMs(1_000);
    await settled();
    expect(frameTimeMs(1_000)).toBe(1_000 - webrtcDelayMs);
  });
});
