import { describe, expect, it } from '@jest/globals';
import {
  clockText,
  coarseAgoText,
  confidenceText,
  exactText,
  labelText,
  imageFileName,
} from './detection.ts';

const then = Date.parse('2026-01-01T22:59:10Z');

describe('detection texts', () => {
  it.each([
    [0, 'just now'],
    [59_999, '59 s ago'],
    [60_000, '1 min ago'],
    [3_599_999, '59 min ago'],
    [7_200_000, '2 h ago'],
    [86_400_000 * 3, '3 d ago'],
    [-5_000, 'just now'],
  ])('format %i ms ago as %s', (agoMs, text) => {
    expect(coarseAgoText(then, then + agoMs)).toBe(text);
  });

  it('omit the date of today in the user’s time zone', () => {
    expect(clockText(then, then + 1000, 'UTC')).toBe('22:59:10');
    expect(clockText(then, then + 86_400_000, 'UTC')).toBe('1 Jan, 22:59:10');
    expect(clockText(then, then + 30_000, 'Europe/Berlin')).toBe('23:59:10');
    expect(clockText(then, then + 60_000, 'Europe/Berlin')).toBe('1 Jan, 23:59:10');
    expect(exactText(then, 'UTC')).toBe('Thursday, 1 January 2026 at 22:59:10');
  });

  it('round the confidence', () => {
    expect(labelText('person')).toBe('Person');
    expect(confidenceText(0.866)).toBe('87 %');
  });

  it('create a file name that is valid on any system', () => {
    const name = imageFileName({ cameraId: 'door', capturedAt: '2026-01-01T22:59:10.123Z', label: 'a/b' });
    expect(name).toBe('door 2026-01-01 22-59-10 a_b.jpg');
  });
});
