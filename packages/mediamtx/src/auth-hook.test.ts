import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideAccess } from './auth-hook.ts';
import type { AuthRequest } from './auth-request.ts';
import { createEdgeGate, openGate } from './reader-gate.ts';

const rules = {
  isKnownPath: (path: string) => path === 'front-door',
  apiCredentials: { username: 'camplane', password: 'secret' },
  passes: {
    accepts: ({ user, password }: Pick<AuthRequest, 'user' | 'password'>, use: string) =>
      user === 'camplane' && password === use,
  },
  gate: openGate,
};
const publisher = { action: 'publish', user: 'camplane', password: 'publish' };
const request = (change: Partial<AuthRequest>): AuthRequest => ({
  user: '',
  password: '',
  token: '',
  ip: '127.0.0.1',
  action: 'read',
  path: 'front-door',
  protocol: 'rtsp',
  id: 'b6b9b8a0-0000-4000-8000-000000000000',
  query: '',
  userAgent: '',
  ...change,
});

describe('decideAccess', () => {
  it.each<[string, Partial<AuthRequest>, boolean]>([
    ['FFmpeg on this machine publishes', publisher, true],
    ['a client on this machine publishes without a pass', { action: 'publish' }, false],
    ['FFmpeg publishes with the pass of a reader', { ...publisher, password: 'read' }, false],
    ['FFmpeg publishes over IPv6 loopback', { ...publisher, ip: '::1' }, true],
    ['FFmpeg publishes over mapped IPv4 loopback', { ...publisher, ip: '::ffff:127.0.0.1' }, true],
    ['a web page publishes over WHIP', { ...publisher, protocol: 'webrtc' }, false],
    ['another machine publishes', { ...publisher, ip: '192.0.2.1' }, false],
    ['a host that only looks like loopback publishes', { ...publisher, ip: '127.0.0.1.example' }, false],
    ['a client publishes to an unknown path', { ...publisher, path: 'other' }, false],
    ['a viewer reads over RTSP', { ip: '192.0.2.1' }, true],
    ['a viewer reads over WebRTC', { protocol: 'webrtc', ip: '192.0.2.1' }, true],
    ['a viewer reads over HLS', { protocol: 'hls', ip: '192.0.2.1' }, true],
    ['a viewer reads an unknown path', { path: 'other' }, false],
    ['a viewer plays back a known path', { action: 'playback', protocol: '' }, true],
    ['a viewer plays back an unknown path', { action: 'playback', path: 'other' }, false],
    ['a client calls the API without credentials', { action: 'api', path: '' }, false],
    [
      'a client calls the API with a wrong password',
      { action: 'api', user: 'camplane', password: 'x' },
      false,
    ],
    ['Camplane calls the API', { action: 'api', user: 'camplane', password: 'secret' }, true],
    ['a client reads metrics', { action: 'metrics' }, false],
    ['a client requests a profile', { action: 'pprof' }, false],
    ['a client requests an unknown action', { action: 'teleport' }, false],
  ])('decides correctly when %s', (_name, change, allowed) => {
    expect(decideAccess(request(change), rules).allow).toBe(allowed);
  });

  it('reports a new reader', () => {
    expect(decideAccess(request({ protocol: 'webrtc' }), rules)).toEqual({
      allow: true,
      reader: { path: 'front-door', id: request({}).id, protocol: 'webrtc', isOwn: false },
    });
  });

  const ownReader = { user: 'camplane', password: 'read' };
  it.each<[string, Partial<AuthRequest>, boolean]>([
    ['the tap on this machine', ownReader, true],
    ['a client that sends a name, with the mark of the tap', { user: 'sam', query: 'camplane=tap' }, false],
    ['a client elsewhere', { ...ownReader, ip: '192.0.2.1' }, false],
    ['a browser', { ...ownReader, protocol: 'webrtc' }, false],
  ])('recognizes own readers: %s', (_name, change, isOwn) => {
    expect(decideAccess(request(change), rules)).toMatchObject({ reader: { isOwn } });
  });

  // MediaMTX asks again with the pass: FFmpeg sends it only after a refusal.
  it('refuses the tap without its pass where every reader is admitted', () => {
    expect(decideAccess(request({ query: 'camplane=tap' }), rules)).toMatchObject({ allow: false });
  });

  it('asks the gate about every reader that has no pass', () => {
    const gate = createEdgeGate('edge-password');
    const decide = (change: Partial<AuthRequest>) => decideAccess(request(change), { ...rules, gate }).allow;
    expect(decide(ownReader)).toBe(true);
    expect(decide({ user: 'camplane', password: 'wrong' })).toBe(false);
    expect(decide({})).toBe(false);
    expect(decide({ user: 'edge', password: 'wrong' })).toBe(false);
    expect(decide({ user: 'edge', password: 'edge-password', ip: '192.0.2.1' })).toBe(true);
    expect(decide({ user: 'edge', password: 'edge-password', path: 'other' })).toBe(false);
  });

  it('refuses the API without configured credentials', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (user, password) => {
        const decision = decideAccess(request({ action: 'api', user, password }), {
          ...rules,
          apiCredentials: null,
        });
        expect(decision.allow).toBe(false);
      }),
    );
  });
});
