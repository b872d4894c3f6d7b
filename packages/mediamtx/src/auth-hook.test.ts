import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AuthRequest } from './auth-hook.ts';
import { decideAccess } from './auth-hook.ts';

const rules = {
  isKnownPath: (path: string) => path === 'front-door',
  apiCredentials: { username: 'camplane', password: 'secret' },
};
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
    ['FFmpeg on this machine publishes', { action: 'publish' }, true],
    ['FFmpeg publishes over IPv6 loopback', { action: 'publish', ip: '::1' }, true],
    ['FFmpeg publishes over mapped IPv4 loopback', { action: 'publish', ip: '::ffff:127.0.0.1' }, true],
    ['a web page publishes over WHIP', { action: 'publish', protocol: 'webrtc' }, false],
    ['another machine publishes', { action: 'publish', ip: '192.0.2.1' }, false],
    ['a host that only looks like loopback publishes', { action: 'publish', ip: '127.0.0.1.example' }, false],
    ['a client publishes to an unknown path', { action: 'publish', path: 'other' }, false],
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
      reader: { path: 'front-door', id: request({}).id, protocol: 'webrtc', isTap: false },
    });
  });

  it.each<[string, Partial<AuthRequest>, boolean]>([
    ['from this machine', { query: 'camplane=tap' }, true],
    ['among other parameters', { query: 'a=b&camplane=tap' }, true],
    ['from elsewhere', { query: 'camplane=tap', ip: '192.0.2.1' }, false],
    ['from a browser', { query: 'camplane=tap', protocol: 'webrtc' }, false],
    ['as part of another', { query: 'xcamplane=tap' }, false],
  ])('recognizes the mark of the tap %s', (_name, change, isTap) => {
    expect(decideAccess(request(change), rules)).toMatchObject({ reader: { isTap } });
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
