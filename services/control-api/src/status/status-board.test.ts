import { describe, expect, it } from '@jest/globals';
import { cameraSpecSchema } from '@camplane/contracts/camera';
import type { CameraConfig } from '@camplane/contracts/camera';
import { statusOf } from '../testing/status-of.ts';
import { createStatusBoard } from './status-board.ts';
import type { StatusNews } from './status-board.ts';

function cameraOf(id: string, changes: Partial<CameraConfig> & { enabled?: boolean } = {}): CameraConfig {
  const { enabled = true, ...rest } = changes;
  const spec = cameraSpecSchema.parse({ enabled, source: { url: 'test:testsrc2' } });
  return { id, spec, credentials: null, generation: 1, startRequestedAt: null, ...rest };
}

function boardAt(startMs: number) {
  let nowMs = startMs;
  const board = createStatusBoard({ clock: { now: () => nowMs }, wallClock: { epochMs: () => nowMs } });
  const news: StatusNews[] = [];
  board.subscribe((item) => news.push(item));
  const at = (ms: number) => new Date(ms).toISOString();
  return {
    board,
    news,
    at,
    told: () =>
      news
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
  it('says STARTING of an enabled and STOPPED of a disabled camera that was never heard of', () => {
    const { board, add } = boardAt(0);
    add(cameraOf('on'));
    add(cameraOf('off', { enabled: false }));
    expect(board.all().map((status) => [status.cameraId, status.phase])).toEqual([
      ['off', 'STOPPED'],
      ['on', 'STARTING'],
    ]);
    expect(board.get('nobody')).toBeUndefined();
  });

  it('tells a noticeable change as status and the rest as heartbeat', () => {
    const { board, add, told } = boardAt(0);
    add(cameraOf('a'));
    board.hear(statusOf('a'));
    board.hear(statusOf('a', { uptimeSeconds: 11 }));
    board.hear(statusOf('a', { viewerCount: 1 }));
    const video = { codec: 'h264', width: 640, height: 360, fps: 24.9 };
    board.hear(statusOf('a', { viewerCount: 1, video }));
    board.hear(statusOf('a', { viewerCount: 1, video: { ...video, fps: 25.1 } }));
    board.hear(statusOf('a', { viewerCount: 1, video: { ...video, fps: 12 } }));
    expect(told()).toEqual([
      'status STARTING',
      'status RUNNING',
      'heartbeat RUNNING',
      'status RUNNING',
      'status RUNNING',
      'heartbeat RUNNING',
      'status RUNNING',
    ]);
  });

  it('calls a camera unhealthy after 30 s without a heartbeat, once, until it is heard again', () => {
    const { board, add, told, pass, news } = boardAt(0);
    add(cameraOf('a'));
    board.hear(statusOf('a'));
    told();
    pass(29_999);
    expect(news).toEqual([]);
    pass(1);
    pass(1000);
    expect(news).toHaveLength(1);
    expect(board.get('a')).toMatchObject({ phase: 'ERROR', reason: 'HeartbeatMissing', isRunning: false });
    expect(told()).toEqual(['status ERROR']);
    board.hear(statusOf('a'));
    expect(told()).toEqual(['status RUNNING']);
  });

  it('finds every silent camera when it looks at a part at a time', () => {
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

  it('calls an enabled camera unhealthy that was never heard of, and leaves a stopped one alone', () => {
    const { board, add, pass } = boardAt(0);
    add(cameraOf('on'));
    add(cameraOf('off', { enabled: false }));
    pass(60_000);
    expect(board.all().map((status) => status.phase)).toEqual(['STOPPED', 'ERROR']);
    add(cameraOf('off', { enabled: true }));
    expect(board.get('off')?.phase).toBe('STARTING');
  });

  it('says STARTING of a stopped camera from the moment a start was asked for', () => {
    const { board, add, at } = boardAt(0);
    add(cameraOf('a', { enabled: false }));
    board.hear(statusOf('a', { phase: 'STOPPED', lastHeartbeat: at(1000) }));
    add(cameraOf('a', { startRequestedAt: at(2000) }));
    expect(board.get('a')).toMatchObject({ phase: 'STARTING', reason: 'StartRequested' });
    board.hear(statusOf('a', { phase: 'STOPPED', lastHeartbeat: at(3000) }));
    expect(board.get('a')?.phase).toBe('STOPPED');
  });

  it('does not bring a removed camera back for a late status', () => {
    const { board, add, told } = boardAt(0);
    add(cameraOf('a'));
    board.changed({ type: 'removed', id: 'a' });
    expect(board.hear(statusOf('a'))).toBe(false);
    expect(board.get('a')).toBeUndefined();
    expect(told()).toEqual(['status STARTING', 'removed']);
  });

  it('does not take a status of a removed camera for one of its successor', () => {
    const { board, add, at, pass } = boardAt(10_000);
    add(cameraOf('a'));
    board.changed({ type: 'removed', id: 'a' });
    pass(5);
    add(cameraOf('a'));
    expect(board.hear(statusOf('a', { lastHeartbeat: at(9_999) }))).toBe(false);
    expect(board.get('a')?.phase).toBe('STARTING');
    expect(board.hear(statusOf('a', { lastHeartbeat: at(10_001) }))).toBe(true);
    expect(board.get('a')?.phase).toBe('RUNNING');
  });

  it('ignores cameras that are not registered', () => {
    const { board } = boardAt(0);
    expect(board.hear(statusOf('stranger'))).toBe(false);
    expect(board.all()).toEqual([]);
  });
});
