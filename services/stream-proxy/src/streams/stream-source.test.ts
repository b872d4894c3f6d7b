import { describe, expect, it } from '@jest/globals';
import type { VideoStatus } from './follow-status.ts';
import { sourceOf, tapSettingsOf } from './stream-source.ts';

const running: VideoStatus = {
  ...{ phase: 'RUNNING', isRunning: true, reason: 'FramesFlowing', message: '' },
  video: { codec: 'h264', width: 1280, height: 720 },
  sub: null,
};
const mjpeg = (width: number, height: number): VideoStatus => ({
  ...running,
  video: { codec: 'mjpeg', width, height },
});

describe('the source of a quality', () => {
  it.each([
    ['low', 'True', 'sub'],
    ['low', 'False', 'main'],
    ['low', 'Unknown', 'main'],
    ['medium', 'True', 'main'],
    ['high', 'True', 'main'],
  ] as const)('%s with a sub stream that is ready: %s', (quality, status, expected) => {
    expect(sourceOf(quality, { ...running, sub: { status, reason: 'Offered' } })).toBe(expected);
  });

  it('is the main stream without a sub stream, and before the first status', () => {
    expect([sourceOf('low', running), sourceOf('low', undefined)]).toEqual(['main', 'main']);
  });
});

describe('pictures of an MJPEG camera', () => {
  it.each([
    ['low', mjpeg(640, 360), true],
    ['low', mjpeg(640, 480), false],
    ['medium', mjpeg(640, 480), true],
    ['medium', mjpeg(1920, 1080), false],
    ['high', mjpeg(1920, 1080), true],
    ['high', running, false],
    ['high', { ...running, video: null }, false],
    ['high', undefined, false],
  ] as const)('are copied in quality %s if they fit', (quality, status, isCopied) => {
    expect(tapSettingsOf(quality, 'main', status).isCopied === true).toBe(isCopied);
  });

  it('are encoded if they are not those of the main stream', () => {
    expect(tapSettingsOf('high', 'sub', mjpeg(640, 360)).isCopied).toBeUndefined();
  });
});
