import { describe, expect, it } from '@jest/globals';
import { createDelayMeter, webrtcDelayMs } from './delay-meter.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the delay of a WebRTC picture', () => {
  it('is assumed until it was measured, then what pictures spend in the jitter buffer', async () => {
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
    const pictureMs = createDelayMeter(reports, () => monotonicMs);
    expect(pictureMs(10_000)).toBe(10_000 - webrtcDelayMs);
    await settled();
    expect(pictureMs(10_000)).toBeCloseTo(9_960);
    monotonicMs = 1_999;
    pictureMs(10_000);
    expect(frames).toBe(50);
    monotonicMs = 2_000;
    pictureMs(10_000);
    expect(frames).toBe(100);
  });

  it('stays as it was when the connection can no longer be asked', async () => {
    const pictureMs = createDelayMeter(
      async () => Promise.reject(new Error('closed')),
      () => 0,
    );
    pictureMs(1_000);
    await settled();
    expect(pictureMs(1_000)).toBe(1_000 - webrtcDelayMs);
  });
});
