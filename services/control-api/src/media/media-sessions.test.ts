import { describe, expect, it } from '@jest/globals';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import type { User } from './media-gate.ts';
import { createMediaSessions } from './media-sessions.ts';

const amy: User = {
  kind: 'user',
  userId: 'amy-id',
  username: 'amy',
  credential: { kind: 'session', id: 'amy-session' },
  limits: [[{ permissions: new Set(['camera.view']), scope: { kind: 'all' } }]],
};

const expired: User['credential'] = {
  kind: 'jwt',
  ...{ id: 'hash', issuer: 'https://id.example', subject: 'amy' },
  ...{ name: 'amy', displayName: '', groups: [], expiresAtMs: 0 },
};

const sessionOf = (id: string) => ({ id, protocol: 'hls', cameraId: 'door', user: amy, ticket: null });

function setUp() {
  const clock = createSimulatedClock();
  const rights = { valid: true };
  const cameras = new Set(['door']);
  const kicked: string[] = [];
  /** What MediaMTX has. */
  const open = new Set<string>();
  const server = { isDown: false };
  const removed: string[] = [];
  const added: string[] = [];
  const sessions = createMediaSessions({
    access: { refresh: (principal) => (rights.valid ? principal : null) },
    cameras: { identity: (id) => (cameras.has(id) ? { id, labels: {} } : undefined) },
    servers: {
      kick(_protocol, id) {
        if (server.isDown) return Promise.reject(new Error('unreachable'));
        kicked.push(id);
        return Promise.resolve(open.delete(id));
      },
      list: () => (server.isDown ? Promise.reject(new Error('unreachable')) : Promise.resolve(open)),
    },
    records: { add: ({ id }) => void added.push(id), remove: (id) => void removed.push(id) },
    clock,
    log: { info: () => undefined, warn: () => undefined },
  });
  const remember = (id: string) => {
    open.add(id);
    return sessions.remember(sessionOf(id));
  };
  const restore = (id: string, user = amy) => {
    open.add(id);
    sessions.restore({ ...sessionOf(id), user });
  };
  const check = async () => {
    sessions.check();
    await new Promise(setImmediate);
  };
  return { clock, rights, cameras, kicked, open, server, sessions, added, removed, remember, restore, check };
}

describe('media sessions', () => {
  it('end when the right to them ends, and not before', async () => {
    const { rights, kicked, sessions, remember, check } = setUp();
    remember('a');
    await check();
    expect(kicked).toEqual([]);
    rights.valid = false;
    await check();
    expect(kicked).toEqual(['a']);
    expect(sessions.count()).toBe(0);
  });

  it('end with their camera', async () => {
    const { cameras, kicked, remember, check } = setUp();
    remember('a');
    cameras.delete('door');
    await check();
    expect(kicked).toEqual(['a']);
  });

  it('end although the right returns before MediaMTX is reachable', async () => {
    const { clock, rights, server, kicked, remember, check } = setUp();
    remember('a');
    rights.valid = false;
    server.isDown = true;
    await check();
    rights.valid = true;
    server.isDown = false;
    clock.advance(500);
    await check();
    expect(kicked).toEqual(['a']);
  });

  it('end once they exist, if the right ended while they were opened', async () => {
    const { clock, rights, open, kicked, remember, check } = setUp();
    remember('a');
    open.delete('a');
    rights.valid = false;
    await check();
    open.add('a');
    clock.advance(500);
    await check();
    expect(kicked).toEqual(['a', 'a']);
    expect(open.size).toBe(0);
  });

  it('are all ended, however many there are', async () => {
    const { rights, open, remember, check } = setUp();
    for (let index = 0; index < 100; index += 1) remember(`s${index}`);
    rights.valid = false;
    await check();
    expect(open.size).toBe(0);
  });

  it('are forgotten when MediaMTX no longer lists them', async () => {
    const { clock, open, server, sessions, remember } = setUp();
    remember('a');
    remember('b');
    open.delete('b');
    await sessions.sweep();
    expect(sessions.count()).toBe(2);
    clock.advance(31_000);
    server.isDown = true;
    await expect(sessions.sweep()).rejects.toThrow('unreachable');
    expect(sessions.count()).toBe(2);
    server.isDown = false;
    await sessions.sweep();
    expect(sessions.count()).toBe(1);
  });

  it('of another process end when the right to them ends', async () => {
    const { rights, kicked, added, restore, check } = setUp();
    restore('a');
    await check();
    rights.valid = false;
    await check();
    expect(kicked).toEqual(['a']);
    expect(added).toEqual([]);
  });

  it('of another process stay while their camera or credential may not have been read yet', async () => {
    const { clock, cameras, kicked, restore, check } = setUp();
    cameras.delete('door');
    restore('a');
    clock.advance(14_000);
    await check();
    expect(kicked).toEqual([]);
    clock.advance(1_000);
    await check();
    expect(kicked).toEqual(['a']);
  });

  it('of another process end at once without a right, if their credential contains its rights', async () => {
    const { rights, cameras, kicked, restore, check } = setUp();
    rights.valid = false;
    cameras.clear();
    restore('a', { ...amy, credential: expired });
    await check();
    expect(kicked).toEqual([]);
    cameras.add('door');
    await check();
    expect(kicked).toEqual(['a']);
  });

  it('are recorded until they have ended', async () => {
    const { rights, added, removed, remember, check } = setUp();
    remember('a');
    rights.valid = false;
    await check();
    expect([added, removed]).toEqual([['a'], ['a']]);
  });

  it('are refused above a limit', () => {
    const { remember } = setUp();
    for (let index = 0; index < 20_000; index += 1) remember(`s${index}`);
    expect(remember('one-more')).toBe(false);
    expect(remember('s1')).toBe(true);
  });
});
