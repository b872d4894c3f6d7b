import { describe, expect, it } from '@jest/globals';
import { decodeAnswer, suppressByClass } from './decode.ts';
import type { Candidate } from './decode.ts';
import type { OutputLayout } from './model-shape.ts';

type Anchor = { box: number[]; objectness?: number; scores: number[] };

/** An output in any of the layouts. */
function answer(
  anchors: Anchor[],
  { objectness, byValue }: Pick<OutputLayout, 'objectness' | 'byValue'>,
): [Float32Array, OutputLayout] {
  const rows = anchors.map((anchor) => [
    ...anchor.box,
    ...(objectness ? [anchor.objectness ?? 1] : []),
    ...anchor.scores,
  ]);
  const classes = anchors[0]?.scores.length ?? 0;
  const values = rows[0]?.length ?? 0;
  const numbers = byValue
    ? Array.from({ length: values }, (_, value) => rows.map((row) => row[value] ?? NaN)).flat()
    : rows.flat();
  return [Float32Array.from(numbers), { anchors: anchors.length, classes, objectness, byValue }];
}

const rows = { objectness: false, byValue: true };
const box = [100, 50, 20, 10];

describe('decodeAnswer', () => {
  it.each([
    ['YOLOv8', rows],
    ['YOLOv8 transposed', { objectness: false, byValue: false }],
    ['YOLOv5', { objectness: true, byValue: false }],
  ])('returns class, score and box from the corner, as %s has it', (_, layout) => {
    const anchors = [
      { box: [10, 10, 4, 4], scores: [0.125, 0.25, 0] },
      { box, scores: [0.125, 0, 0.75] },
    ];
    expect(decodeAnswer(...answer(anchors, layout), [0.5, 0.5, 0.5])).toEqual([
      { classIndex: 2, score: 0.75, box: { x: 90, y: 45, width: 20, height: 10 } },
    ]);
  });

  it('multiplies a class with the objectness of its anchor', () => {
    const anchors = [
      { box, objectness: 0.5, scores: [0.75] },
      { box, objectness: 1, scores: [0.75] },
    ];
    const candidates = decodeAnswer(...answer(anchors, { objectness: true, byValue: false }), [0.5]);
    expect(candidates.map(({ score }) => score)).toEqual([0.75]);
  });

  it('applies the threshold of each class', () => {
    const anchors = [{ box, scores: [0.5, 0.4375] }];
    const classesAt = (...thresholds: number[]) =>
      decodeAnswer(...answer(anchors, rows), thresholds).map(({ classIndex }) => classIndex);
    expect(classesAt(0.5, 0.25)).toEqual([0]);
    expect(classesAt(0.75, 0.25)).toEqual([1]);
    expect(classesAt(0.75, 0.5)).toEqual([]);
  });

  it.each<[string, Anchor]>([
    ['a score that is NaN', { box, scores: [NaN] }],
    ['a anchor that is NaN', { box: [NaN, 50, 20, 10], scores: [0.9] }],
    ['an endless box', { box: [100, 50, Infinity, 10], scores: [0.9] }],
    ['no area', { box: [100, 50, 0, 10], scores: [0.9] }],
    ['a box turned round', { box: [100, 50, 20, -10], scores: [0.9] }],
    ['a score of nothing', { box, scores: [0] }],
    ['a negative score', { box, scores: [-3] }],
  ])('leaves out %s', (_, anchor) => {
    expect(decodeAnswer(...answer([anchor], rows), [0])).toEqual([]);
  });

  it('limits a score to 1', () => {
    expect(decodeAnswer(...answer([{ box, scores: [Infinity] }], rows), [0.5])).toMatchObject([{ score: 1 }]);
  });

  it('keeps the thousand highest scores', () => {
    const anchors = Array.from({ length: 3000 }, (_, index) => ({ box, scores: [index / 4096] }));
    const candidates = decodeAnswer(...answer(anchors, rows), [0]);
    expect(candidates).toHaveLength(1000);
    expect(candidates[0]?.score).toBe(2999 / 4096);
    expect(candidates.at(-1)?.score).toBe(2000 / 4096);
  });

  it('accepts an output that is too short', () => {
    const [numbers, layout] = answer([{ box, scores: [0.9] }], rows);
    expect(decodeAnswer(numbers.subarray(0, 3), layout, [0])).toEqual([]);
  });
});

describe('suppressByClass', () => {
  const candidate = (classIndex: number, score: number, x: number): Candidate => ({
    classIndex,
    score,
    box: { x, y: 0, width: 100, height: 100 },
  });

  it('keeps the best of overlapping boxes, and boxes that are apart', () => {
    const kept = suppressByClass([candidate(0, 0.6, 5), candidate(0, 0.9, 0), candidate(0, 0.7, 300)]);
    expect(kept.map(({ score }) => score)).toEqual([0.9, 0.7]);
  });

  it('keeps boxes that overlap less than the limit', () => {
    // 100 wide, 60 apart: 40 of 160 are shared.
    expect(suppressByClass([candidate(0, 0.9, 0), candidate(0, 0.8, 60)])).toHaveLength(2);
  });

  it('keeps boxes of different classes', () => {
    const kept = suppressByClass([candidate(1, 0.6, 0), candidate(0, 0.9, 0)]);
    expect(kept.map(({ classIndex }) => classIndex)).toEqual([0, 1]);
  });
});
