import { describe, expect, it } from '@jest/globals';
import { newTokenValues, tokenBodyOf, tokenExpiryText } from './token-values.ts';

const nowMs = Date.UTC(2026, 0, 1);

describe('tokenBodyOf', () => {
  it('computes the expiry', () => {
    const values = { ...newTokenValues, name: ' Home Assistant ', expiresInDays: 30 };
    expect(tokenBodyOf(values, nowMs)).toEqual({
      body: {
        name: 'Home Assistant',
        permissions: ['camera.view'],
        scope: { kind: 'all' },
        expiresAt: '2026-01-31T00:00:00.000Z',
      },
    });
    expect(tokenBodyOf({ ...values, expiresInDays: null }, nowMs)).toMatchObject({
      body: { expiresAt: null },
    });
  });

  it('reports each invalid field', () => {
    const values = { ...newTokenValues, permissions: [], scope: { kind: 'cameras' as const, ids: [] } };
    expect(tokenBodyOf(values, nowMs)).toEqual({
      errors: {
        name: 'must not be empty',
        permissions: 'must name at least one permission',
        scope: 'must name at least one camera',
      },
    });
  });
});

describe('tokenExpiryText', () => {
  it('says whether a token has expired', () => {
    expect(tokenExpiryText(null, nowMs)).toBe('does not expire');
    expect(tokenExpiryText('2025-12-31T00:00:00.000Z', nowMs)).toBe('expired');
    expect(tokenExpiryText('2026-03-01T12:00:00.000Z', nowMs)).toBe('expires 1 March 2026');
  });
});
