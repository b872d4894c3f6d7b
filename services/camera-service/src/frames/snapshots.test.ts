import { describe, expect, it } from '@jest/globals';
import type { TapSettings } from '@camplane/jpeg-tap/frame-request';
import { createFrameSubscriptions } from '@camplane/jpeg-tap/frame-subscriptions';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import { createSnapshots } from './snapshots.ts';

const frame: JpegFrame = { jpeg: Buffer.of(0xff, 0xd8), width: 640, height: 360, sequence: 0, capturedAt: 0 };
const detection = { purpose: 'detection', fps: 2, width: 320, quality: 70, keyFramesOnly: false };

function createCamera(id: string) {
  const changes: (TapSettings | null)[] = [];
  const frames = createFrameSubscriptions({ fpsMax: 20, onChange: (settings) => changes.push(settings) });
  return { id, frames, changes };
}

function setUp(answerMaxMs?: number) {
  const stopping = new AbortController();
  const options = { signal: stopping.signal, ...(answerMaxMs === undefined ? {} : { answerMaxMs }) };
  return { snapshots: createSnapshots(options), stop: () => stopping.abort() };
}

describe('snapshots', () => {
  it('request frames of a camera until the first one arrives', async () => {
    const { snapshots } = setUp();
    const camera = createCamera('door');
    const taken = snapshots.take(camera);
    expect(camera.changes).toEqual([expect.objectContaining({ width: 1280, keyFramesOnly: true })]);
    camera.frames.deliver(frame);
    expect(await taken).toEqual({ kind: 'frame', frame });
    expect(camera.changes.at(-1)).toBeNull();
  });

  it('use the next frame of a tap that runs already, without changing it', async () => {
    const { snapshots } = setUp();
    const camera = createCamera('door');
    camera.frames.subscribe(detection, () => undefined);
    const taken = snapshots.take(camera);
    camera.frames.deliver(frame);
    expect(await taken).toEqual({ kind: 'frame', frame });
    expect(camera.changes).toHaveLength(1);
  });

  it('raise the settings of a tap that rarely delivers a frame', () => {
    const { snapshots, stop } = setUp();
    const camera = createCamera('door');
    camera.frames.subscribe({ ...detection, fps: 0.1 }, () => undefined);
    void snapshots.take(camera);
    expect(camera.frames.tapSettings()).toMatchObject({ fps: 1, width: 1280 });
    stop();
    expect(camera.frames.tapSettings()).toMatchObject({ fps: 0.1, width: 320 });
  });

  it('share a frame among requests for one camera', async () => {
    const { snapshots } = setUp();
    const camera = createCamera('door');
    const both = Promise.all([snapshots.take(camera), snapshots.take(camera)]);
    camera.frames.deliver(frame);
    expect(await both).toEqual([
      { kind: 'frame', frame },
      { kind: 'frame', frame },
    ]);
  });

  it('are limited to four cameras at once', async () => {
    const { snapshots, stop } = setUp();
    const pending = ['a', 'b', 'c', 'd'].map((id) => snapshots.take(createCamera(id)));
    const fifth = createCamera('e');
    expect(await snapshots.take(fifth)).toEqual({ kind: 'busy' });
    expect(fifth.changes).toEqual([]);
    stop();
    expect(await Promise.all(pending)).toEqual(Array.from({ length: 4 }, () => ({ kind: 'late' })));
  });

  it('await a late frame further, so that a retry gets it', async () => {
    const { snapshots } = setUp(10);
    const camera = createCamera('door');
    expect(await snapshots.take(camera)).toEqual({ kind: 'late' });
    expect(camera.frames.tapSettings()).toMatchObject({ keyFramesOnly: true });
    const retry = snapshots.take(camera);
    camera.frames.deliver(frame);
    expect(await retry).toEqual({ kind: 'frame', frame });
    expect(camera.changes).toEqual([expect.anything(), null]);
  });
});
