import { describe, expect, it } from '@jest/globals';
import type { Socket } from 'node:net';
import { mayCallHook } from './hook-callers.ts';

describe('callers of the auth hook without a password', () => {
  it.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['10.244.0.7', false],
    ['::ffff:10.244.0.7', false],
    [undefined, false],
  ])('at %s: %s where only loopback may call', (remoteAddress, may) => {
    const request = { headers: {}, socket: { remoteAddress } as Socket };
    expect(mayCallHook(request, 'loopback')).toBe(may);
    expect(mayCallHook(request, 'everybody')).toBe(true);
  });
});
