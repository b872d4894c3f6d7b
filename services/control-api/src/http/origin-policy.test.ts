import { describe, expect, it } from '@jest/globals';
import { createOriginPolicy } from './origin-policy.ts';

const policy = createOriginPolicy({
  allowedOrigins: ['https://cameras.example'],
  allowedHosts: ['camplane.internal'],
});

describe('host names', () => {
  it.each([
    'localhost',
    'localhost:8080',
    'camera.localhost',
    '127.0.0.1:8080',
    '[::1]',
    '[2001:db8::1]:80',
    '192.0.2.1',
    'camplane.internal:8080',
    'CAMPLANE.internal',
    'cameras.example',
  ])('%s is ours', (host) => expect(policy.isHostAllowed(host)).toBe(true));

  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    'evillocalhost',
    '127.0.0.1.evil.example',
    'user@localhost',
    'localhost/..',
    'localhost:99999',
    'localhost,evil.example',
  ])('%s is not', (host) => expect(policy.isHostAllowed(host)).toBe(false));
});

describe('origins', () => {
  it.each([
    [undefined, 'localhost:8080'],
    ['http://localhost:8080', 'localhost:8080'],
    ['https://localhost:8080', 'localhost:8080'],
    ['https://camplane.internal', 'camplane.internal'],
    ['https://camplane.internal', 'camplane.internal:443'],
    ['http://[::1]:8080', '[::1]:8080'],
    ['https://cameras.example', 'localhost:8080'],
  ])('%s under the host %s may change things', (origin, host) => {
    expect(policy.isOriginAllowed(origin, host)).toBe(true);
  });

  it.each([
    ['null', 'localhost:8080'],
    ['http://localhost:8081', 'localhost:8080'],
    ['http://127.0.0.1:8080', 'localhost:8080'],
    ['http://cameras.example', 'localhost:8080'],
    ['http://evil.example', 'evil.example'],
    ['file://localhost:8080', 'localhost:8080'],
    ['http://localhost', undefined],
  ])('%s under the host %s may not', (origin, host) => {
    expect(policy.isOriginAllowed(origin, host)).toBe(false);
  });

  it('are refused if the browser reports a cross-site request', () => {
    expect(policy.isOriginAllowed(undefined, 'localhost', 'cross-site')).toBe(false);
    expect(policy.isOriginAllowed(undefined, 'localhost', 'same-origin')).toBe(true);
  });
});
