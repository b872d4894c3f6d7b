import { describe, expect, it } from '@jest/globals';
import { cameraSpecSchema } from '@camplane/contracts/camera';
import type { CameraConfig } from '@camplane/contracts/camera';
import { statusOf } from '../testing/status-of.ts';
import { createStatusBoard } from './status-board.ts';
import type { StatusEvent } from './status-board.ts';

function cameraOf(id: string, changes: Partial<CameraConfig> & { enabled?: boolean } = {}): CameraConfig {
  const { enabled = true, ...rest } = changes;
  const spec = cameraSpecSchema.parse({ enabled, source: { url: 'test:testsrc2' } });
  return { id, spec, credentials: null, generation: 1, startRequestedAt: null, ...rest };
}

function boardAt(startMs: number) {
  let nowMs = startMs;
  const board = createStatusBoard({ clock: { now: () => nowMs }, wallClock: { epochMs: () => nowMs } });
  const events: StatusEvent[] = [];
  board.subscribe((item) => events.push(item));
  const at = (ms: number) => new Date(ms).toISOString();
  return {
    board,
    events,
    at,
    published: () =>
      events
        .splice(0)
        .map((item) => (item.type === 'removed' ? 'removed' : `${item.type} ${item.status.phase}`)),
    pass: (ms: number) => {
      nowMs += ms;
      board.sweep();
    },
    add: (camera: CameraConfig) => board.changed({ type: 'changed', camera }),
  };
}

describe('status board', () => {
  it('reports STARTING for an enabled and STOPPED for a disabled camera before the first status', () => {
    const { board, add } = boardAt(0);
    add(cameraOf('on'));
    add(cameraOf('off', { enabled: false }));
    expect(board.all().map((status) => [status.cameraId, status.phase])).toEqual([
      ['off', 'STOPPED'],
      ['on', 'STARTING'],
    ]);
    expect(board.get('nobody')).toBeUndefined();
  });

  it('publishes a relevant change as status and the rest as heartbeat', () => {
    const { board, add, published } = boardAt(0);
    add(cameraOf('a'));
    board.receive(statusOf('a'));
    board.receive(statusOf('a', { uptimeSeconds: 11 }));
    board.receive(statusOf('a', { viewerCount: 1 }));
    const video = { codec: 'h264', width: 640, height: 360, fps: 24.9 };
    board.receive(statusOf('a', { viewerCount: 1, video }));
    board.receive(statusOf('a', { viewerCount: 1, video: { ...video, fps: 25.1 } }));
    board.receive(statusOf('a', { viewerCount: 1, video: { ...video, fps: 12 } }));
    expect(published()).toEqual([
      'status STARTING',
      'status RUNNING',
      'heartbeat RUNNING',
      'status RUNNING',
      'status RUNNING',
      'heartbeat RUNNING',
      'status RUNNING',
    ]);
  });

  it('reports a missing heartbeat once after 30 s, until the next status', () => {
    const { board, add, published, pass, events } = boardAt(0);
    add(cameraOf('a'));
    board.receive(statusOf('a'));
    published();
    pass(29_999);
    expect(events).toEqual([]);
    pass(1);
    pass(1000);
    expect(events).toHaveLength(1);
    expect(board.get('a')).toMatchObject({ phase: 'ERROR', reason: 'HeartbeatMissing', isRunning: false });
    expect(published()).toEqual(['status ERROR']);
    board.receive(statusOf('a'));
    expect(published()).toEqual(['status RUNNING']);
  });

  it('reports an enabled camera whose password cannot be read as an error with the remedy', () => {
    const { board, add } = boardAt(0);
    const credentialsProblem = 'The key is missing: restore it';
    add({ ...cameraOf('a'), credentialsProblem });
    board.receive(statusOf('a', { phase: 'STOPPED' }));
    expect(board.get('a')).toMatchObject({
      phase: 'ERROR',
      reason: 'CredentialsUnreadable',
      message: credentialsProblem,
    });
    add(cameraOf('a'));
    expect(board.get('a')).toMatchObject({ phase: 'STOPPED' });
  });

  it('finds every missing heartbeat in partial sweeps', () => {
    let nowMs = 0;
    const board = createStatusBoard({ clock: { now: () => nowMs }, wallClock: { epochMs: () => nowMs } });
    for (const id of ['a', 'b', 'c', 'd', 'e']) board.changed({ type: 'changed', camera: cameraOf(id) });
    const silent: string[] = [];
    board.subscribe((item) => silent.push(item.type === 'status' ? item.status.cameraId : item.type));
    nowMs = 30_000;
    board.sweep(0.4);
    expect(silent).toHaveLength(2);
    for (let part = 0; part < 5; part++) board.sweep(0.4);
    expect(silent.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('reports missing heartbeats of an enabled camera without any status, and not of a stopped one', () => {
    const { board, add, pass } = boardAt(0);
    add(cameraOf('on'));
    add(cameraOf('off', { enabled: false }));
    pass(60_000);
    expect(board.all().map((status) => status.phase)).toEqual(['STOPPED', 'ERROR']);
    add(cameraOf('off', { enabled: true }));
    expect(board.get('off')?.phase).toBe('STARTING');
  });

  it('reports STARTING for a stopped camera once a start is requested', () => {
    const { board, add, at } = boardAt(0);
    add(cameraOf('a', { enabled: false }));
    board.receive(statusOf('a', { phase: 'STOPPED', lastHeartbeat: at(1000) }));
    add(cameraOf('a', { startRequestedAt: at(2000) }));
    expect(board.get('a')).toMatchObject({ phase: 'STARTING', reason: 'StartRequested' });
    board.receive(statusOf('a', { phase: 'STOPPED', lastHeartbeat: at(3000) }));
    expect(board.get('a')?.phase).toBe('STOPPED');
  });

  it('ignores a late status of a removed camera', () => {
    const { board, add, published } = boardAt(0);
    add(cameraOf('a'));
    board.changed({ type: 'removed', id: 'a' });
    expect(board.receive(statusOf('a'))).toBe(false);
    expect(board.get('a')).toBeUndefined();
    expect(published()).toEqual(['status STARTING', 'removed']);
  });

  it('ignores a status of a removed camera after another with its id was added', () => {
    const { board, add, at, pass } = boardAt(10_000);
    add(cameraOf('a'));
    board.changed({ type: 'removed', id: 'a' });
    pass(5);
    add(cameraOf('a'));
    expect(board.receive(statusOf('a', { lastHeartbeat: at(9_999) }))).toBe(false);
    expect(board.get('a')?.phase).toBe('STARTING');
    expect(board.receive(statusOf('a', { lastHeartbeat: at(10_001) }))).toBe(true);
    expect(board.get('a')?.phase).toBe('RUNNING');
  });

  it('ignores unregistered cameras', () => {
    const { board } = boardAt(0);
    expect(board.receive(statusOf('stranger'))).toBe(false);
    expect(board.all()).toEqual([]);
  });
});
