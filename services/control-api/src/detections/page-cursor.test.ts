import { describe, expect, it } from '@jest/globals';
import { CamplaneError } from '@camplane/contracts/problem';
import { clampTime, decodeCursor, encodeCursor } from './page-cursor.ts';

const position = {
  capturedAt: new Date('2026-11-21T13:36:51.123Z'),
  id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
};
const encoded = (text: string) => Buffer.from(text).toString('base64url');

describe('a cursor', () => {
  it('decodes to its position', () => {
    expect(decodeCursor(encodeCursor(position))).toEqual(position);
    const before1970 = { ...position, capturedAt: new Date(-5) };
    expect(decodeCursor(encodeCursor(before1970))).toEqual(before1970);
  });

  it.each([
    '',
    'x',
    '!!!!',
    `${encodeCursor(position)}=`,
    ` ${encodeCursor(position)}`,
    encodeCursor(position).slice(0, -3),
    encoded(`2 1795240119401 ${position.id}`),
    encoded(`1 1795240119401 ${position.id} x`),
    encoded(`1 1e3 ${position.id}`),
    encoded(`1 999999999999999 ${position.id}`),
    encoded(`1 -999999999999999 ${position.id}`),
    encoded(`1 01795240119401 ${position.id}`),
    encoded("1 1795240119401 ' or 1=1 --"),
    encoded('1 1795240119401 ../../etc/passwd'),
    encoded('1 1795240119401'),
    encoded(`1 1795240119401 ${position.id.toUpperCase()} `),
  ])('%j is refused by name', (cursor) => {
    const error = refusalOf(() => decodeCursor(cursor));
    expect(error.kind).toBe('invalid-query');
    expect(error.fields.map(({ path }) => path)).toEqual(['cursor']);
  });
});

describe('clampTime', () => {
  it.each([
    ['-000001-12-31T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['+010000-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'],
    ['2026-11-21T00:00:00Z', '2026-11-21T00:00:00.000Z'],
  ])('%s is taken as %s', (given, expected) => {
    expect(clampTime(new Date(given)).toISOString()).toBe(expected);
  });
});

function refusalOf(attempt: () => unknown): CamplaneError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof CamplaneError) return error;
  }
  throw new Error('it was not refused');
}
