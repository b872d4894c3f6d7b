import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gatewayUrl, hideTls, hostHeaderOf, readGatewayUrl } from './gateway-address.ts';

describe('the address that FFmpeg requests from the gateway', () => {
  const host = fc.constantFrom(
    'camera',
    'a.example',
    '192.0.2.7',
    '[2001:db8::1]',
    '[::1]',
    'xn--a-b.example',
  );
  const target = fc.record({
    host,
    port: fc.integer({ min: 1, max: 65_535 }),
    path: fc.constantFrom('/', '/live/a.m3u8?x=1&y=%2f', '//twice', '/a/../b'),
    secure: fc.boolean(),
  });

  it('is read back as it was written, and never names https', () => {
    fc.assert(
      fc.property(target, (each) => {
        const url = gatewayUrl(each);
        expect(url).toMatch(/^http:\/\//);
        expect(readGatewayUrl(url)).toEqual(each);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['https://a.example/1.ts', 'http://a.example.tls.camplane.invalid:443/1.ts'],
    ['HTTPS://A.example:8443/1.ts', 'http://a.example.tls.camplane.invalid:8443/1.ts'],
    ['https://[2001:db8::1]/1.ts', 'http://2001-db8--1.ip6.tls.camplane.invalid:443/1.ts'],
    ['https://user:secret@a.example/1.ts', 'http://a.example.tls.camplane.invalid:443/1.ts'],
    [
      '#EXT-X-KEY:METHOD=AES-128,URI="https://k.example/k"',
      '#EXT-X-KEY:METHOD=AES-128,URI="http://k.example.tls.camplane.invalid:443/k"',
    ],
    ['http://a.example/1.ts', 'http://a.example/1.ts'],
    ['1.ts\nhttps://a/2.ts\n', '1.ts\nhttp://a.tls.camplane.invalid:443/2.ts\n'],
  ])('hides TLS in %s', (text, expected) => {
    expect(hideTls(text)).toBe(expected);
  });

  it.each([
    ...['', '/', '/path', '*', 'camera:80', 'https://camera/', 'ftp://camera/', 'http://', 'http://a@b/'],
    ...['http://a:0/', 'http://a:65536/', 'http://a:80:80/', 'http://a b/', 'http://[::1/', 'http://::1/'],
  ])('is not %j', (text) => {
    expect(readGatewayUrl(text)).toBeNull();
  });

  it('leaves out the default port in the Host header', () => {
    const of = (port: number, secure: boolean) => hostHeaderOf({ host: 'a', port, secure, path: '/' });
    expect([of(80, false), of(443, true), of(443, false), of(80, true)]).toEqual(['a', 'a', 'a:443', 'a:80']);
  });
});
