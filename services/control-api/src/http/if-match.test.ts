import { describe, expect, it } from '@jest/globals';
import { isMatch } from './if-match.ts';

describe('If-Match', () => {
  it.each([
    ['"a"', true],
    ['"b", "a"', true],
    ['*', true],
    [' * ', true],
    ['"b"', false],
    ['W/"a"', false],
    ['W/"b", "a"', true],
    ['a', false],
    ['', false],
    ['"*"', false],
    ['"b,"a"', false],
  ])('%j names the tag "a": %s', (header, expected) => {
    expect(isMatch(header, '"a"')).toBe(expected);
  });

  it('matches a resource without a tag by * alone', () => {
    expect(isMatch('*', undefined)).toBe(true);
    expect(isMatch('"a"', undefined)).toBe(false);
  });
});
