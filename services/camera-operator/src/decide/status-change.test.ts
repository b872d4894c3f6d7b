import { describe, expect, it } from '@jest/globals';
import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import { isStatusChanged } from './status-change.ts';

const status: CameraResourceStatus = {
  phase: 'Running',
  conditions: [
    {
      ...{ type: 'Ready', status: 'True', reason: 'FramesFlowing', message: 'Port 8554, attempt 3.' },
      ...{ lastTransitionTime: '2026-11-21T12:00:00Z', observedGeneration: 1 },
    },
  ],
  video: { codec: 'h264', width: 1280, height: 720, size: '1280x720', fps: 25 },
  ...{ viewers: 1, restarts: 40, lastFrameTime: '2026-11-21T12:00:00Z', node: 'a', observedGeneration: 1 },
};
const video = (change: object) =>
  ({ video: { ...(status.video ?? {}), ...change } }) as Partial<CameraResourceStatus>;
const ready = (change: object) =>
  ({ conditions: [{ ...status.conditions?.[0], ...change }] }) as Partial<CameraResourceStatus>;

describe('isStatusChanged', () => {
  it.each<[what: string, change: Partial<CameraResourceStatus>]>([
    ['nothing', {}],
    ['the time of the last frame', { lastFrameTime: '2026-11-21T12:01:00Z' }],
    ['a frame rate change of a tenth', video({ fps: 27.4 })],
    ['other numbers in a message', ready({ message: 'Port 8554, attempt 17.' })],
    ['one restart among many', { restarts: 41 }],
  ])('is false for %s', (_what, change) => {
    expect(isStatusChanged(status, { ...status, ...change })).toBe(false);
  });

  it.each<[what: string, change: Partial<CameraResourceStatus>]>([
    ['a phase', { phase: 'Idle' }],
    ['a reason', ready({ reason: 'NoViewers' })],
    ['another message', ready({ message: 'Video is live.' })],
    ['a generation', { observedGeneration: 2 }],
    ['viewers', { viewers: 2 }],
    ['a node', { node: 'b' }],
    ['another frame rate', video({ fps: 12 })],
    ['no frame rate', video({ fps: undefined })],
    ['another size', video({ width: 640, size: '640x360' })],
    ['no video', { video: undefined }],
    ['many restarts', { restarts: 44 }],
    ['a reset restart count', { restarts: 0 }],
  ])('is true for %s', (_what, change) => {
    expect(isStatusChanged(status, { ...status, ...change })).toBe(true);
  });

  it('is true for the first status', () => {
    expect(isStatusChanged(null, status)).toBe(true);
  });

  it('ignores the field order', () => {
    const reversed = Object.fromEntries(Object.entries(status).toReversed());
    expect(isStatusChanged(reversed, status)).toBe(false);
  });
});
