import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseCredentialsKey } from './credentials-key.ts';
import type { CredentialsKey } from './credentials-key.ts';
import { openCredentials, sealCredentials } from './envelope.ts';

const canary = 'canary-päss/"wörd';
const credentials = { username: 'viewer', password: canary };

function newKey(): CredentialsKey {
  const key = parseCredentialsKey(randomBytes(32).toString('base64'));
  if (!key) throw new Error('not a key');
  return key;
}

const [key, other] = [newKey(), newKey()];
const sealed = sealCredentials(key, 'door', credentials);

describe('an envelope of credentials', () => {
  it('opens with its key for its camera', () => {
    const expected = { kind: 'encrypted', credentials, keyId: key.id };
    expect(openCredentials([key], 'door', sealed)).toEqual(expected);
    expect(openCredentials([other, key], 'door', JSON.parse(JSON.stringify(sealed)))).toEqual(expected);
  });

  it('has neither the password nor the user name in it, and differs each time', () => {
    const text = JSON.stringify(sealed);
    const decoded = [sealed.data, sealed.nonce, sealed.tag].map((part) =>
      Buffer.from(part, 'base64').toString('latin1'),
    );
    for (const word of [canary, 'viewer', Buffer.from(canary).toString('base64')]) {
      expect(text + decoded.join()).not.toContain(word);
    }
    const again = sealCredentials(key, 'door', credentials);
    expect([again.nonce, again.data]).not.toContain(sealed.nonce);
    expect(again.data).not.toBe(sealed.data);
  });

  it('does not open for another camera', () => {
    expect(openCredentials([key], 'gate', sealed)).toMatchObject({
      kind: 'unreadable',
      problem: expect.stringContaining('belongs to another camera'),
    });
  });

  it('names the missing key and the remedy', () => {
    expect(openCredentials([other], 'door', sealed)).toMatchObject({
      kind: 'unreadable',
      problem: expect.stringMatching(new RegExp(`${key.id}.*CAMPLANE_CREDENTIALS_KEY_PREVIOUS.*again`)),
    });
  });

  it.each(['nonce', 'data', 'tag'] as const)('does not open when one bit of its %s is changed', (part) => {
    const length = Buffer.from(sealed[part], 'base64').length;
    for (let bit = 0; bit < length * 8; bit++) {
      const bytes = Buffer.from(sealed[part], 'base64');
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const altered = { ...sealed, [part]: bytes.toString('base64') };
      expect(openCredentials([key], 'door', altered).kind).toBe('unreadable');
    }
  });

  it.each([
    { ...sealed, tag: sealed.tag.slice(0, 8) },
    { ...sealed, tag: '' },
    { ...sealed, nonce: '' },
    { ...sealed, version: 2 },
    { ...sealed, key: other.id },
    { password: canary },
    { username: 'viewer', password: 7 },
    canary,
    7,
    [],
  ])('reports a stored value of another shape without its content (%#)', (stored) => {
    const opened = openCredentials([key, other], 'door', stored);
    expect(opened.kind).toBe('unreadable');
    expect(JSON.stringify(opened)).not.toContain('canary');
  });

  it('lets plain credentials of version 0.1 and absent ones through', () => {
    expect(openCredentials([key], 'door', credentials)).toEqual({ kind: 'plain', credentials });
    expect(openCredentials([key], 'door', null)).toEqual({ kind: 'none' });
  });
});

describe('parseCredentialsKey', () => {
  it.each(['', 'A'.repeat(44), randomBytes(31).toString('base64'), randomBytes(33).toString('base64'), 'é'])(
    'refuses %j',
    (text) => {
      expect(parseCredentialsKey(text)).toBeUndefined();
    },
  );
});
