import { describe, expect, it } from '@jest/globals';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { createServicePasses } from './service-passes.ts';

const address = 'rtsp://127.0.0.1:8554/front-door';

function setUp() {
  const clock = createSimulatedClock();
  const passes = createServicePasses(clock);
  const issue = (use: 'publish' | 'read') => {
    const { username, password, pathname, search } = new URL(
      passes.addTo(`${address}?x=1`, { use, path: 'front-door' }),
    );
    expect(pathname + search).toBe('/front-door?x=1');
    return { user: username, password, path: 'front-door' };
  };
  return { clock, passes, issue };
}

describe('service passes', () => {
  it('admit one publisher', () => {
    const { passes, issue } = setUp();
    const pass = issue('publish');
    expect(passes.accepts({ ...pass, id: 'session-1' }, 'publish')).toBe(true);
    expect(passes.accepts({ ...pass, id: 'session-1' }, 'publish')).toBe(true);
    expect(passes.accepts({ ...pass, id: 'session-2' }, 'publish')).toBe(false);
  });

  it('admit the connection and the session of one reader', () => {
    const { passes, issue } = setUp();
    const pass = issue('read');
    const answers = ['connection', 'session', 'connection', 'other'].map((id) =>
      passes.accepts({ ...pass, id }, 'read'),
    );
    expect(answers).toEqual([true, true, true, false]);
  });

  it('are valid for their use, path, user and secret alone', () => {
    const { passes, issue } = setUp();
    const pass = { ...issue('publish'), id: 'a' };
    expect(passes.accepts(pass, 'read')).toBe(false);
    expect(passes.accepts({ ...pass, path: 'yard' }, 'publish')).toBe(false);
    expect(passes.accepts({ ...pass, user: 'admin' }, 'publish')).toBe(false);
    expect(passes.accepts({ ...pass, password: `${pass.password}x` }, 'publish')).toBe(false);
    expect(passes.accepts({ ...pass, password: pass.password.split('.')[0] ?? '' }, 'publish')).toBe(false);
    expect(passes.accepts({ ...pass, id: null }, 'publish')).toBe(false);
    expect(passes.accepts(pass, 'publish')).toBe(true);
  });

  it('expire after three minutes', () => {
    const { clock, passes, issue } = setUp();
    const pass = { ...issue('publish'), id: 'a' };
    clock.advance(180_000);
    expect(passes.accepts(pass, 'publish')).toBe(false);
  });
});
