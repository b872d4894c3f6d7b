import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { createTrustedProxies, isNetwork } from './trusted-proxies.ts';

const from = (remoteAddress: string, headers: Record<string, string>): IncomingMessage =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;

describe('the address of a client', () => {
  const proxies = createTrustedProxies(['10.0.0.0/8', '2001:db8:1::/48', '127.0.0.1']);

  it.each([
    ['127.0.0.1', '203.0.113.5', '203.0.113.5'],
    ['::ffff:127.0.0.1', '203.0.113.5', '203.0.113.5'],
    ['127.0.0.1', '1.1.1.1, 203.0.113.5', '203.0.113.5'],
    ['127.0.0.1', '203.0.113.5, 10.1.1.1', '203.0.113.5'],
    ['127.0.0.1', '203.0.113.5, 198.51.100.1, 10.1.1.1', '198.51.100.1'],
    ['127.0.0.1', '10.2.2.2, 10.1.1.1', '10.2.2.2'],
    ['127.0.0.1', '203.0.113.5:4711', '203.0.113.5'],
    ['127.0.0.1', '[2001:db8::5]:4711', '2001:db8::5'],
    ['127.0.0.1', '2001:db8::5, 2001:db8:1::9', '2001:db8::5'],
    ['127.0.0.1', '::ffff:203.0.113.5', '203.0.113.5'],
    ['127.0.0.1', '203.0.113.5, unknown', '127.0.0.1'],
    ['127.0.0.1', '203.0.113.5, 10.1.1.1, evil"', '127.0.0.1'],
    ['127.0.0.1', '', '127.0.0.1'],
    ['127.0.0.1', ',,,', '127.0.0.1'],
    ['203.0.113.9', '127.0.0.1', '203.0.113.9'],
    ['203.0.113.9', '10.0.0.1, 1.1.1.1', '203.0.113.9'],
  ])('of %s with X-Forwarded-For: %s is %s', (remote, header, client) => {
    expect(proxies.clientOf(from(remote, { 'x-forwarded-for': header }))).toBe(client);
  });

  it('is taken from the configured header alone', () => {
    const request = from('10.0.0.1', { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.2' });
    expect(proxies.clientOf(request)).toBe('192.0.2.1');
    expect(createTrustedProxies(['10.0.0.1'], 'forwarded').clientOf(request)).toBe('192.0.2.2');
    expect(createTrustedProxies([]).clientOf(request)).toBe('10.0.0.1');
  });

  it.each([
    ['for=203.0.113.5', '203.0.113.5'],
    ['For="203.0.113.5:80";proto=https', '203.0.113.5'],
    ['by=10.0.0.1;for="[2001:db8::5]:4711"', '2001:db8::5'],
    ['for=1.1.1.1, for=203.0.113.5', '203.0.113.5'],
    ['for=203.0.113.5, for=10.3.3.3', '203.0.113.5'],
    ['for=203.0.113.5, for=_hidden', '10.0.0.1'],
    ['proto=https', '10.0.0.1'],
  ])('with Forwarded: %s is %s', (forwarded, client) => {
    expect(createTrustedProxies(['10.0.0.0/8'], 'forwarded').clientOf(from('10.0.0.1', { forwarded }))).toBe(
      client,
    );
  });
});

describe('a network', () => {
  it.each(['10.0.0.0/8', '127.0.0.1', '::1', '2001:db8::/32', '192.0.2.0/32'])('can be %s', (text) => {
    expect(isNetwork(text)).toBe(true);
  });
  it.each([
    '',
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0/8',
    'proxy',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
  ])('cannot be %j', (text) => {
    expect(isNetwork(text)).toBe(false);
  });
});
