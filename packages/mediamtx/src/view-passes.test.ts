import { describe, expect, it } from '@jest/globals';
import { createViewPasses } from './view-passes.ts';

const secret = 's'.repeat(32);

function setUp() {
  let nowMs = Date.UTC(2026, 0, 1);
  const clock = { epochMs: () => nowMs };
  const passes = createViewPasses(secret, clock);
  const issue = (by = passes) => {
    const { username, password, host, pathname } = new URL(by.addTo('rtsp://edge:8554/street', 'street'));
    expect([host, pathname]).toEqual(['edge:8554', '/street']);
    const session = { id: 'connection', action: 'read', protocol: 'rtsp' };
    return { user: username, password, path: 'street', ...session };
  };
  return { clock, passes, issue, advance: (ms: number) => void (nowMs += ms) };
}

describe('view passes', () => {
  it('admit the connection and the session of one reader', () => {
    const { passes, issue } = setUp();
    const pass = issue();
    const ids = ['connection', 'session', 'connection', 'other'];
    expect(ids.map((id) => passes.accepts({ ...pass, id }))).toEqual([true, true, true, false]);
  });

  it('are accepted by another process only if it has the same secret', () => {
    const { clock, passes, issue } = setUp();
    const pass = issue();
    expect(createViewPasses('t'.repeat(32), clock).accepts(pass)).toBe(false);
    expect(createViewPasses(secret, clock).accepts(pass)).toBe(true);
    expect(passes.accepts(pass)).toBe(true);
  });

  it('are valid for one path, to read over RTSP', () => {
    const { passes, issue } = setUp();
    const pass = issue();
    const changes = [
      { path: 'corner' },
      { path: 'street/sub' },
      { user: 'admin' },
      { user: '' },
      { id: null },
      { action: 'publish' },
      { action: 'playback' },
      { action: 'api' },
      { protocol: 'hls' },
      { protocol: 'webrtc' },
      { password: '' },
      { password: `${pass.password}x` },
      { password: pass.password.slice(0, -1) },
      { password: pass.password.replace(/\d+/, (seconds) => String(Number(seconds) + 1)) },
      { password: pass.password.split('.').slice(0, 3).join('.') },
    ];
    expect(changes.filter((change) => passes.accepts({ ...pass, ...change }))).toEqual([]);
    expect(passes.accepts(pass)).toBe(true);
  });

  it('expire after a minute, and stay spent until then', () => {
    const { passes, issue, advance } = setUp();
    const [early, late] = [issue(), issue()];
    for (const id of ['connection', 'session']) expect(passes.accepts({ ...early, id })).toBe(true);
    advance(59_000);
    expect(passes.accepts({ ...early, id: 'other' })).toBe(false);
    advance(1000);
    expect(passes.accepts(late)).toBe(false);
  });

  it('of a clock that is far ahead are refused', () => {
    const { clock, passes, issue } = setUp();
    const ahead = (ms: number) => createViewPasses(secret, { epochMs: () => clock.epochMs() + ms });
    expect(passes.accepts(issue(ahead(50_000)))).toBe(true);
    expect(passes.accepts(issue(ahead(61_000)))).toBe(false);
  });
});
