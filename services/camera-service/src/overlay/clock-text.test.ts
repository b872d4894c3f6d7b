import { describe, expect, it } from '@jest/globals';
import { clockText, drawableText } from './clock-text.ts';

describe('clock text', () => {
  it('is the local time with every field padded', () => {
    expect(clockText(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe('2026-01-02 03:04:05');
  });

  it('keeps its length through the year', () => {
    const day = 86_400_000;
    const lengths = Array.from(
      { length: 366 },
      (_, n) => clockText(1_767_225_600_000 + n * day + n * 1000).length,
    );
    expect(new Set(lengths)).toEqual(new Set([19]));
  });
});

describe('drawable text', () => {
  it('removes accents and spells out letters without a plain form', () => {
    expect(drawableText('Haustür – Straße, Øst, café')).toBe('Haustur - Strasse, Ost, cafe');
  });

  it('shows a question mark for characters that the font lacks', () => {
    expect(drawableText('玄関 1')).toBe('?? 1');
  });
});
