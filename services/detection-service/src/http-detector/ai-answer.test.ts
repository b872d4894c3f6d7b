import { describe, expect, it } from '@jest/globals';
import { parseAiAnswer } from './ai-answer.ts';

const picture = { width: 640, height: 360 };
const box = { x: 0.25, y: 0.5, width: 0.25, height: 0.25 };
const entry = { label: 'cat', confidence: 0.8, boundingBox: box };

const parse = (answer: unknown, minConfidence = 0.5) =>
  parseAiAnswer(JSON.stringify(answer), picture, minConfidence);

describe('the answer of an AI service', () => {
  it('is taken as it is where boxes are fractions', () => {
    expect(parse([entry])).toEqual({ ok: true, found: [entry] });
  });

  it('may be empty', () => {
    expect(parse([])).toEqual({ ok: true, found: [] });
  });

  it('may have fields that we do not know', () => {
    expect(parse([{ ...entry, id: 7, mask: [1, 2] }])).toEqual({ ok: true, found: [entry] });
  });

  it('has a box in pixels where any of its values is above 1', () => {
    const boundingBox = { x: 160, y: 180, width: 160, height: 90 };
    expect(parse([{ ...entry, boundingBox }])).toEqual({ ok: true, found: [entry] });
    const atTheEdge = { x: 0, y: 0, width: 64, height: 1 };
    expect(parse([{ ...entry, boundingBox: atTheEdge }])).toMatchObject({
      found: [{ boundingBox: { x: 0, y: 0, width: 0.1, height: 1 / 360 } }],
    });
  });

  it('has the whole picture as a box of fractions', () => {
    const whole = { x: 0, y: 0, width: 1, height: 1 };
    expect(parse([{ ...entry, boundingBox: whole }])).toMatchObject({ found: [{ boundingBox: whole }] });
  });

  it('has boxes cut at the edges of the picture', () => {
    const boundingBox = { x: -0.25, y: 0.75, width: 0.5, height: 0.5 };
    expect(parse([{ ...entry, boundingBox }])).toMatchObject({
      found: [{ boundingBox: { x: 0, y: 0.75, width: 0.25, height: 0.25 } }],
    });
  });

  it.each([
    ['beside the picture', { x: 700, y: 10, width: 20, height: 20 }],
    ['left of the picture', { x: -0.5, y: 0, width: 0.25, height: 1 }],
    ['without area', { x: 0.5, y: 0.5, width: 0, height: 0.5 }],
  ])('has no box that lies %s', (_, boundingBox) => {
    expect(parse([{ ...entry, boundingBox }])).toEqual({ ok: true, found: [] });
  });

  it('has nothing less sure than was asked for', () => {
    expect(parse([entry, { ...entry, confidence: 0.49 }])).toEqual({ ok: true, found: [entry] });
  });

  it('is cut down to the 64 surest entries', () => {
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
      expect(parseAiAnswer(text, picture, 0)).toMatchObject({ ok: false, kind: 'not-json' });
    },
  );

  it('is refused where it is nested without end, and does no harm', () => {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(parseAiAnswer(nested, picture, 0)).toMatchObject({ ok: false, kind: 'wrong-shape' });
  });
});
