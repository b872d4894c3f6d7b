import { describe, expect, it } from '@jest/globals';
import { parseAiAnswer } from './ai-answer.ts';

const image = { width: 640, height: 360 };
const box = { x: 0.25, y: 0.5, width: 0.25, height: 0.25 };
const entry = { label: 'cat', confidence: 0.8, boundingBox: box };

const parse = (answer: unknown, minConfidence = 0.5) =>
  parseAiAnswer(JSON.stringify(answer), image, minConfidence);

describe('parseAiAnswer', () => {
  it('accepts boxes in fractions', () => {
    expect(parse([entry])).toEqual({ ok: true, found: [entry] });
  });

  it('accepts an empty array', () => {
    expect(parse([])).toEqual({ ok: true, found: [] });
  });

  it('ignores unknown fields', () => {
    expect(parse([{ ...entry, id: 7, mask: [1, 2] }])).toEqual({ ok: true, found: [entry] });
  });

  it('reads a box with a value above 1 as pixels', () => {
    const boundingBox = { x: 160, y: 180, width: 160, height: 90 };
    expect(parse([{ ...entry, boundingBox }])).toEqual({ ok: true, found: [entry] });
    const atTheEdge = { x: 0, y: 0, width: 64, height: 1 };
    expect(parse([{ ...entry, boundingBox: atTheEdge }])).toMatchObject({
      found: [{ boundingBox: { x: 0, y: 0, width: 0.1, height: 1 / 360 } }],
    });
  });

  it('reads a box of the whole image as fractions', () => {
    const whole = { x: 0, y: 0, width: 1, height: 1 };
    expect(parse([{ ...entry, boundingBox: whole }])).toMatchObject({ found: [{ boundingBox: whole }] });
  });

  it('clips boxes to the image', () => {
    const boundingBox = { x: -0.25, y: 0.75, width: 0.5, height: 0.5 };
    expect(parse([{ ...entry, boundingBox }])).toMatchObject({
      found: [{ boundingBox: { x: 0, y: 0.75, width: 0.25, height: 0.25 } }],
    });
  });

  it.each([
    ['beside the image', { x: 700, y: 10, width: 20, height: 20 }],
    ['left of the image', { x: -0.5, y: 0, width: 0.25, height: 1 }],
    ['without area', { x: 0.5, y: 0.5, width: 0, height: 0.5 }],
  ])('has no box that lies %s', (_, boundingBox) => {
    expect(parse([{ ...entry, boundingBox }])).toEqual({ ok: true, found: [] });
  });

  it('drops entries below the minimum confidence', () => {
    expect(parse([entry, { ...entry, confidence: 0.49 }])).toEqual({ ok: true, found: [entry] });
  });

  it('keeps the 64 entries with the highest confidence', () => {
    const entries = Array.from({ length: 200 }, (_, index) => ({ ...entry, confidence: 0.5 + index / 1000 }));
    expect(parse(entries)).toEqual({ ok: true, found: entries.slice(-64).reverse() });
  });

  it.each<[string, unknown, string, RegExp]>([
    ['an object', { detections: [entry] }, 'wrong-shape', /array/],
    ['null', null, 'wrong-shape', /array/],
    ['a label that is missing', [{ ...entry, label: undefined }], 'wrong-shape', /0\.label/],
    ['a label that is empty', [{ ...entry, label: '' }], 'wrong-shape', /0\.label/],
    ['a label that is too long', [{ ...entry, label: 'x'.repeat(65) }], 'wrong-shape', /0\.label/],
    ['a confidence in percent', [{ ...entry, confidence: 80 }], 'wrong-shape', /0\.confidence/],
    ['a confidence in text', [{ ...entry, confidence: '0.8' }], 'wrong-shape', /0\.confidence/],
    ['a box as a list', [{ ...entry, boundingBox: [0, 0, 1, 1] }], 'wrong-shape', /0\.boundingBox/],
    [
      'a box without a side',
      [entry, { ...entry, boundingBox: { x: 0, y: 0, width: 1 } }],
      'wrong-shape',
      /1\.boundingBox\.height/,
    ],
    [
      'a box turned round',
      [{ ...entry, boundingBox: { ...box, width: -0.1 } }],
      'wrong-shape',
      /0\.boundingBox\.width/,
    ],
    [
      'a box out of this world',
      [{ ...entry, boundingBox: { ...box, x: 1e300 } }],
      'wrong-shape',
      /0\.boundingBox\.x/,
    ],
    ['too many entries', Array<unknown>(1001).fill(entry), 'too-large', /1001 entries/],
  ])('is refused with %s', (_, answer, kind, message) => {
    expect(parse(answer)).toEqual({ ok: false, kind, message: expect.stringMatching(message) });
  });

  it.each(['', 'OK', '<html>', '[{]', `${'['.repeat(100_000)}`])(
    'is refused where it is not JSON (%#)',
    (text) => {
      expect(parseAiAnswer(text, image, 0)).toMatchObject({ ok: false, kind: 'not-json' });
    },
  );

  it('rejects endless nesting', () => {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(parseAiAnswer(nested, image, 0)).toMatchObject({ ok: false, kind: 'wrong-shape' });
  });
});
