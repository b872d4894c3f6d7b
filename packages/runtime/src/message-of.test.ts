import { expect, it } from '@jest/globals';
import { asError } from './as-error.ts';
import { messageOf } from './message-of.ts';

it('returns the message of an error and the text of anything else', () => {
  expect(messageOf(new TypeError('not a number'))).toBe('not a number');
  expect(messageOf('plain text')).toBe('plain text');
  expect(messageOf(undefined)).toBe('undefined');
});

it('keeps an error and wraps anything else', () => {
  const error = new TypeError('not a number');
  expect(asError(error)).toBe(error);
  expect(asError('plain text')).toEqual(new Error('plain text'));
});
