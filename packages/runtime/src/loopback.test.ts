import { describe, expect, it } from '@jest/globals';
import { isLoopback } from './loopback.ts';

describe('isLoopback', () => {
  it.each([
    '127.0.0.1',
    '127.8.9.10',
    '127.255.255.255',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::1%lo',
    '::ffff:127.0.0.1',
    '::FFFF:127.8.9.10',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:7f00:1',
    '[::1]',
    'localhost',
  ])('accepts %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each([
    '',
    '0.0.0.0',
    '::',
    '128.0.0.1',
    '126.255.255.255',
    '192.0.2.1',
    '::2',
    '::ffff:192.0.2.1',
    '::ffff:0.0.0.0',
    '::ffff:8000:1',
    // IPv4-compatible and translated addresses are routed.
    '::127.0.0.1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    'fe80::1%lo',
    // Not addresses, although some resolvers accept them.
    '127.1',
    '0127.0.0.1',
    '127.0.0.1.example',
    '127.0.0.256',
    '127.0.0.1 ',
    '[127.0.0.1]',
    '[[::1]]',
    'kafka',
    'localhost.example',
    'LOCALHOST',
  ])('refuses %j', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
