import { describe, expect, it } from '@jest/globals';
import { cameraSpecSchema } from '@camplane/contracts/camera';
import { cameraPhaseSchema } from '@camplane/contracts/camera-status';
import { streamStateOf } from '@camplane/contracts/stream';
import type { CameraRecord } from '../cameras/registry.ts';
import { createStatusBoard } from '../status/status-board.ts';
import { statusOf } from '../testing/status-of.ts';
import { streamOf, unhealthyStreamOf } from './stream-view.ts';

const at = '2026-11-20T08:00:00.000Z';

function cameraOf(enabled = true): CameraRecord {
  const spec = cameraSpecSchema.parse({ enabled, source: { url: 'test:testsrc2' } });
  const record = { credentials: null, generation: 1, startRequestedAt: null };
  return { id: 'a', spec, ...record, createdAt: at, updatedAt: at };
}

function boardWith(camera: CameraRecord) {
  let nowMs = 0;
  const board = createStatusBoard({ clock: { now: () => nowMs }, wallClock: { epochMs: () => nowMs } });
  board.changed({ type: 'changed', camera });
  return { board, pass: (ms: number) => (nowMs += ms) };
}

describe('a stream', () => {
  it('has one of the five states for each phase', () => {
    const states = (enabled: boolean) =>
      cameraPhaseSchema.options.map((phase) => streamStateOf(phase, enabled)).join();
    // STOPPED, STARTING, RUNNING, IDLE, ERROR, STOPPING
    expect(states(true)).toBe('STOPPED,STARTING,RUNNING,STOPPED,ERROR,STOPPING');
    expect(states(false)).toBe('STOPPED,STOPPING,STOPPING,STOPPED,ERROR,STOPPING');
  });

  it('is unhealthy after 30 s without a heartbeat, and healthy with the next one', () => {
    const camera = cameraOf();
    const { board, pass } = boardWith(camera);
    expect(streamOf(camera, board).lastHeartbeat).toBeNull();
    board.receive(statusOf('a', { lastHeartbeat: at }));
    pass(29_999);
    expect(unhealthyStreamOf(camera, board)).toBeUndefined();
    pass(1);
    expect(unhealthyStreamOf(camera, board)).toMatchObject({
      status: 'ERROR',
      reason: 'HeartbeatMissing',
      lastHeartbeat: at,
    });
    board.receive(statusOf('a'));
    expect(unhealthyStreamOf(camera, board)).toBeUndefined();
  });

  it('is healthy while it is stopped', () => {
    const camera = cameraOf(false);
    const { board, pass } = boardWith(camera);
    pass(3600_000);
    expect(unhealthyStreamOf(camera, board)).toBeUndefined();
  });
});
