import { describe, expect, it } from '@jest/globals';
import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import { isNews } from './status-news.ts';

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

describe('isNews', () => {
  it.each<[what: string, change: Partial<CameraResourceStatus>]>([
    ['nothing', {}],
    ['the time of the last frame', { lastFrameTime: '2026-11-21T12:01:00Z' }],
    ['a rate that moves by a tenth', video({ fps: 27.4 })],
    ['other numbers in a message', ready({ message: 'Port 8554, attempt 17.' })],
    ['one restart among many', { restarts: 41 }],
  ])('is not %s', (_what, change) => {
    expect(isNews(status, { ...status, ...change })).toBe(false);
  });

  it.each<[what: string, change: Partial<CameraResourceStatus>]>([
    ['a phase', { phase: 'Idle' }],
    ['a reason', ready({ reason: 'NoViewers' })],
    ['other words', ready({ message: 'Video is live.' })],
    ['a generation', { observedGeneration: 2 }],
    ['viewers', { viewers: 2 }],
    ['a node', { node: 'b' }],
    ['another rate', video({ fps: 12 })],
    ['no rate', video({ fps: undefined })],
    ['another size', video({ width: 640, size: '640x360' })],
    ['no video', { video: undefined }],
    ['many restarts', { restarts: 44 }],
    ['restarts that begin anew', { restarts: 0 }],
  ])('is %s', (_what, change) => {
    expect(isNews(status, { ...status, ...change })).toBe(true);
  });

  it('is a status where there was none', () => {
    expect(isNews(null, status)).toBe(true);
  });

  it('does not go by the order of fields', () => {
    const turned = Object.fromEntries(Object.entries(status).toReversed());
    expect(isNews(turned, status)).toBe(false);
  });
});
