import { describe, expect, it } from '@jest/globals';
import { CamplaneError } from '@camplane/contracts/problem';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { isDataRejected, toStoreError } from './store-error.ts';

const driverError = (code: string, message: string) => Object.assign(new Error(message), { code });
const wrapped = (cause: Error) =>
  new DrizzleQueryError('insert into camera values ($1)', ['canary-99'], cause);

describe('an error of the database', () => {
  it.each([
    driverError('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432'),
    driverError('57P01', 'terminating connection due to administrator command'),
    driverError('57P03', 'the database system is starting up'),
    driverError('53300', 'sorry, too many clients already'),
    driverError('25006', 'cannot execute INSERT in a read-only transaction'),
    driverError('57014', 'canceling statement due to statement timeout'),
    driverError('', 'Connection terminated unexpectedly'),
    driverError('', 'timeout exceeded when trying to connect'),
    driverError('', 'Query read timeout'),
    new AggregateError([driverError('ECONNREFUSED', 'connect ECONNREFUSED ::1:5432')]),
  ])('maps $code $message to store-unavailable', (error) => {
    expect(toStoreError(wrapped(error)).kind).toBe('store-unavailable');
  });

  it.each([
    driverError('28P01', 'password authentication failed for user "camplane"'),
    driverError('42P01', 'relation "camera" does not exist'),
    driverError('22P05', 'unsupported Unicode escape sequence'),
  ])('maps $code $message to internal', (error) => {
    expect(toStoreError(wrapped(error)).kind).toBe('internal');
  });

  it.each([
    ['22021', 'invalid byte sequence for encoding "UTF8": 0x00', true],
    ['22003', 'integer out of range', true],
    ['23502', 'null value in column "label"', true],
    ['42P01', 'relation "detection" does not exist', false],
    ['42501', 'permission denied for table detection', false],
    ['53100', 'could not extend file: No space left on device', false],
    ['40001', 'could not serialize access', false],
    ['XX000', 'cache lookup failed', false],
  ])('%s %s is caused by the data: %s', (code, message, expected) => {
    expect(isDataRejected(toStoreError(wrapped(driverError(code, message))))).toBe(expected);
  });

  it("keeps the driver's message and no parameters of the query", () => {
    const error = toStoreError(wrapped(driverError('42P01', 'relation "camera" does not exist')));
    expect((error.cause as Error).message).toBe('42P01: relation "camera" does not exist');
    const bare = toStoreError(new DrizzleQueryError('insert', ['canary-99'], undefined));
    for (const each of [error, bare]) {
      expect(`${each.message} ${String(each.cause)} ${each.stack}`).not.toContain('canary-99');
    }
  });

  it('of a known kind is returned unchanged', () => {
    const error = new CamplaneError('camera-exists', 'x');
    expect(toStoreError(error)).toBe(error);
  });
});
