import { describe, expect, it } from '@jest/globals';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { decideAccess } from './auth-hook.ts';
import { createServicePasses } from './service-passes.ts';

/*
 * Passes of Camplane's FFmpeg processes × action × protocol × path × address × connection. The gate refuses everybody
 * else, so that only a pass admits.
 */

type Use = 'publish' | 'read';
type Pass = { name: string; user: string; password: string; use: Use | null; path: string };
type Case = { action: string; protocol: string; path: string; ip: string; id: string | null };

const paths = ['door', 'door/sub', 'yard'];
const cases: Case[] = ['publish', 'read', 'playback', 'api', 'metrics', 'pprof', ''].flatMap((action) =>
  ['rtsp', 'hls', 'webrtc', 'rtmp', ''].flatMap((protocol) =>
    [...paths, 'absent', ''].flatMap((path) =>
      ['127.0.0.1', '::1', '192.0.2.1'].flatMap((ip) =>
        ['a connection', null].map((id) => ({ action, protocol, path, ip, id })),
      ),
    ),
  ),
);

/** New passes for each case, because a use spends them. */
function setUp() {
  const clock = createSimulatedClock();
  const passes = createServicePasses(clock);
  const rules = {
    isKnownPath: (path: string) => paths.includes(path),
    apiCredentials: { username: 'camplane', password: 'of the API' },
    passes,
    gate: { admit: () => ({ allow: false as const, reason: 'not a viewer' }) },
  };
  const issue = (use: Use, path: string): Omit<Pass, 'name'> => {
    const { username, password } = new URL(passes.addTo('rtsp://127.0.0.1/x', { use, path }));
    return { user: username, password, use, path };
  };
  const expired = { ...issue('read', 'door'), use: null };
  clock.advance(180_000);
  const spentOf = (use: Use) => {
    const pass = issue(use, 'door');
    const { user, password } = pass;
    for (const id of ['first', 'second']) passes.accepts({ user, password, path: 'door', id }, use);
    return { ...pass, use: null };
  };
  const all: Pass[] = [
    { name: 'expired', ...expired },
    { name: 'spent publishing pass', ...spentOf('publish') },
    { name: 'spent reading pass', ...spentOf('read') },
    {
      name: 'another secret',
      ...issue('read', 'door'),
      use: null,
      password: `${issue('read', 'door').password}x`,
    },
    { name: 'another user', ...issue('read', 'door'), use: null, user: 'admin' },
    { name: 'the password of the API', user: 'camplane', password: 'of the API', use: null, path: '' },
    { name: 'no password', user: 'camplane', password: '', use: null, path: '' },
    ...(['publish', 'read'] as const).flatMap((use) =>
      paths.map((path) => ({ name: `${use} ${path}`, ...issue(use, path) })),
    ),
  ];
  return { rules, all };
}

function isAllowed(pass: Pass, { action, protocol, path, ip, id }: Case): boolean {
  if (action === 'api') return pass.password === 'of the API';
  const isHere = protocol === 'rtsp' && ip !== '192.0.2.1' && id !== null && path === pass.path;
  // A reading pass is for playback, too: MediaMTX's playback server, which asks for it, is off.
  return (
    isHere &&
    (pass.use === 'publish' ? action === 'publish' : pass.use === 'read' && /^(read|playback)$/.test(action))
  );
}

describe('passes of services', () => {
  it('admit one process to one path for one use over RTSP from this machine, and nothing else', () => {
    const differences: string[] = [];
    let allowed = 0;
    for (const each of cases) {
      const { rules, all } = setUp();
      for (const pass of all) {
        const { user, password } = pass;
        const request = { ...each, user, password, token: password, query: '' };
        const decision = decideAccess(request, rules);
        if (decision.allow) allowed += 1;
        if (decision.allow !== isAllowed(pass, each))
          differences.push(`${pass.name}: ${JSON.stringify(each)}`);
      }
    }
    expect(differences).toEqual([]);
    expect(allowed).toBeGreaterThan(20);
    expect(cases.length * setUp().all.length).toBeGreaterThan(10_000);
  });
});
