import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { authorization, createLogin, parseChallenges } from './rtsp-login.ts';

describe('authorization', () => {
  const mufasa = { username: 'Mufasa', password: 'Circle of Life' };
  const request = { method: 'GET', uri: '/dir/index.html' };
  const clientNonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
  // The example of RFC 7616, 3.9.1.
  const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
  const offer = (algorithm: string) =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${nonce}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;

  it('computes the MD5 response of RFC 7616', () => {
    const header = authorization(parseChallenges([offer('MD5')]), mufasa, request, clientNonce);
    expect(header).toContain('response="8ca523f5e9506fed4657c9700eebdbec"');
    expect(header).toContain('qop=auth, nc=00000001');
  });

  it('counts the requests of a nonce in hexadecimal', () => {
    const header = authorization(parseChallenges([offer('MD5')]), mufasa, request, clientNonce, 26);
    expect(header).toContain('nc=0000001a');
    expect(header).not.toContain('8ca523f5e9506fed4657c9700eebdbec');
  });

  it('prefers SHA-256, and computes the response of RFC 7616', () => {
    const challenges = parseChallenges([offer('MD5'), offer('SHA-256')]);
    const header = authorization(challenges, mufasa, request, clientNonce);
    expect(header).toContain('algorithm=SHA-256');
    expect(header).toContain('response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"');
  });

  it('computes the response without qop, as most cameras require (RFC 2069)', () => {
    const challenges = parseChallenges([
      'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
    ]);
    const header = authorization(
      challenges,
      { username: 'Mufasa', password: 'CircleOfLife' },
      request,
      clientNonce,
    );
    expect(header).toContain('response="1949323746fe6a43ef61f9606e7febea"');
    expect(header).not.toContain('nc=');
  });

  it('falls back to Basic', () => {
    const challenges = parseChallenges(['Negotiate', 'Basic realm="camera"']);
    expect(authorization(challenges, { username: 'a', password: 'b:c' }, request, '')).toBe('Basic YTpiOmM=');
  });

  it('skips an unsupported digest', () => {
    const challenges = parseChallenges([
      'Digest realm="a", nonce="b", algorithm=SHA3-256',
      'Digest realm="a", nonce="b", qop="auth-int"',
      'Digest realm="a"',
    ]);
    expect(authorization(challenges, mufasa, request, '')).toBeUndefined();
  });

  it('never lets a value start another header', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (username, password) => {
        const login = { username: `${username}\r\nX: 1`, password };
        for (const challenge of ['Basic', 'Digest realm="a", nonce="b"']) {
          expect(authorization(parseChallenges([challenge]), login, request, 'c')).not.toMatch(/[\r\n]/);
        }
      }),
    );
  });
});

describe('createLogin', () => {
  const refusal = (challenge: string) => ({
    ...{ status: 401, body: '', irregularity: null },
    headers: new Map([['www-authenticate', [challenge]]]),
  });
  const accepted = { status: 200, headers: new Map(), body: '', irregularity: null };
  const digest = (nonce: string, more = '') =>
    refusal(`Digest realm="a", nonce="${nonce}", qop="auth"${more}`);
  const start = () => createLogin({ username: 'viewer', password: 'secret' }, () => 'client');

  it('sends no login before a challenge, and counts the requests of a nonce', () => {
    const login = start();
    expect(login.header('DESCRIBE', 'rtsp://a')).toBeUndefined();
    expect(login.learn(digest('n1'))).toBe(true);
    expect(login.header('DESCRIBE', 'rtsp://a')).toContain('nc=00000001');
    expect(login.header('SETUP', 'rtsp://a')).toContain('nc=00000002');
    expect(login.kind).toBe('digest-md5');
  });

  it('does not repeat a refused login, also with another nonce', () => {
    const login = start();
    login.learn(digest('n1'));
    login.header('DESCRIBE', 'rtsp://a');
    expect(login.learn(digest('n2'))).toBe(false);
  });

  it.each<[string, (login: ReturnType<typeof start>) => string]>([
    ['the camera calls the nonce stale', () => ', stale=true'],
    ['the login was accepted before', (login) => (login.learn(accepted), '')],
    ['the connection is another', (login) => (login.changeConnection(), '')],
  ])('repeats a refused login with a new nonce if %s', (_name, prepare) => {
    const login = start();
    login.learn(digest('n1'));
    login.header('DESCRIBE', 'rtsp://a');
    const more = prepare(login);
    expect(login.learn(digest('n1', more))).toBe(false);
    login.header('DESCRIBE', 'rtsp://a');
    prepare(login);
    expect(login.learn(digest('n2', more))).toBe(true);
    expect(login.header('DESCRIBE', 'rtsp://a')).toContain('nonce="n2"');
  });

  it('uses the next nonce that an answer announces', () => {
    const login = start();
    login.learn(digest('n1'));
    login.header('DESCRIBE', 'rtsp://a');
    login.learn({ ...accepted, headers: new Map([['authentication-info', ['nextnonce="n2"']]]) });
    expect(login.header('SETUP', 'rtsp://a')).toMatch(/nonce="n2".*nc=00000001/);
  });
});

describe('parseChallenges', () => {
  it('reads several challenges in one header', () => {
    const challenges = parseChallenges(['Basic realm="a, b", Digest realm="q\\"q", nonce=abc , stale=FALSE']);
    expect(challenges.map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])).toEqual([
      ['basic', { realm: 'a, b' }],
      ['digest', { realm: 'q"q', nonce: 'abc', stale: 'FALSE' }],
    ]);
  });

  it('terminates on any text', () => {
    fc.assert(fc.property(fc.array(fc.string(), { maxLength: 4 }), (values) => void parseChallenges(values)));
  });
});
