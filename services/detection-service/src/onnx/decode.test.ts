import { describe, expect, it } from '@jest/globals';
import { decodeAnswer, suppressByClass } from './decode.ts';
import type { Candidate } from './decode.ts';
import type { OutputLayout } from './model-shape.ts';

type Place = { box: number[]; objectness?: number; scores: number[] };

/** The numbers of an answer in any of the layouts. */
function answer(
  places: Place[],
  { objectness, byValue }: Pick<OutputLayout, 'objectness' | 'byValue'>,
): [Float32Array, OutputLayout] {
  const rows = places.map((place) => [
    ...place.box,
    ...(objectness ? [place.objectness ?? 1] : []),
    ...place.scores,
  ]);
  const classes = places[0]?.scores.length ?? 0;
  const values = rows[0]?.length ?? 0;
  const numbers = byValue
    ? Array.from({ length: values }, (_, value) => rows.map((row) => row[value] ?? NaN)).flat()
    : rows.flat();
  return [Float32Array.from(numbers), { places: places.length, classes, objectness, byValue }];
}

const rows = { objectness: false, byValue: true };
const box = [100, 50, 20, 10];

describe('decoding the answer of a model', () => {
  it.each([
    ['YOLOv8', rows],
    ['YOLOv8 transposed', { objectness: false, byValue: false }],
    ['YOLOv5', { objectness: true, byValue: false }],
  ])('gives class, score and box from the corner, as %s has it', (_, layout) => {
    const places = [
      { box: [10, 10, 4, 4], scores: [0.125, 0.25, 0] },
      { box, scores: [0.125, 0, 0.75] },
    ];
    expect(decodeAnswer(...answer(places, layout), [0.5, 0.5, 0.5])).toEqual([
      { classIndex: 2, score: 0.75, box: { x: 90, y: 45, width: 20, height: 10 } },
    ]);
  });

  it('multiplies a class with the objectness of its place', () => {
    const places = [
      { box, objectness: 0.5, scores: [0.75] },
      { box, objectness: 1, scores: [0.75] },
    ];
    const candidates = decodeAnswer(...answer(places, { objectness: true, byValue: false }), [0.5]);
    expect(candidates.map(({ score }) => score)).toEqual([0.75]);
  });

  it('holds each class to its own threshold', () => {
    const places = [{ box, scores: [0.5, 0.4375] }];
    const classesAt = (...thresholds: number[]) =>
      decodeAnswer(...answer(places, rows), thresholds).map(({ classIndex }) => classIndex);
    expect(classesAt(0.5, 0.25)).toEqual([0]);
    expect(classesAt(0.75, 0.25)).toEqual([1]);
    expect(classesAt(0.75, 0.5)).toEqual([]);
  });

  it.each<[string, Place]>([
    ['a score that is no number', { box, scores: [NaN] }],
    ['a place that is no number', { box: [NaN, 50, 20, 10], scores: [0.9] }],
    ['an endless box', { box: [100, 50, Infinity, 10], scores: [0.9] }],
    ['no area', { box: [100, 50, 0, 10], scores: [0.9] }],
    ['a box turned round', { box: [100, 50, 20, -10], scores: [0.9] }],
    ['a score of nothing', { box, scores: [0] }],
    ['a negative score', { box, scores: [-3] }],
  ])('leaves out %s', (_, place) => {
    expect(decodeAnswer(...answer([place], rows), [0])).toEqual([]);
  });

  it('never says more than certain', () => {
    expect(decodeAnswer(...answer([{ box, scores: [Infinity] }], rows), [0.5])).toMatchObject([{ score: 1 }]);
  });

  it('keeps the thousand surest', () => {
    const places = Array.from({ length: 3000 }, (_, index) => ({ box, scores: [index / 4096] }));
    const candidates = decodeAnswer(...answer(places, rows), [0]);
    expect(candidates).toHaveLength(1000);
    expect(candidates[0]?.score).toBe(2999 / 4096);
    expect(candidates.at(-1)?.score).toBe(2000 / 4096);
  });

  it('takes an answer that is shorter than it should be', () => {
    const [numbers, layout] = answer([{ box, scores: [0.9] }], rows);
    expect(decodeAnswer(numbers.subarray(0, 3), layout, [0])).toEqual([]);
  });
});

describe('suppression by class', () => {
  const candidate = (classIndex: number, score: number, x: number): Candidate => ({
    classIndex,
    score,
    box: { x, y: 0, width: 100, height: 100 },
  });

  it('keeps the best of boxes that lie upon one another, and boxes apart', () => {
    const kept = suppressByClass([candidate(0, 0.6, 5), candidate(0, 0.9, 0), candidate(0, 0.7, 300)]);
    expect(kept.map(({ score }) => score)).toEqual([0.9, 0.7]);
  });

  it('keeps boxes that share less than is taken for the same', () => {
    // 100 wide, 60 apart: 40 of 160 are shared.
    expect(suppressByClass([candidate(0, 0.9, 0), candidate(0, 0.8, 60)])).toHaveLength(2);
  });

  it('keeps boxes of different classes', () => {
    const kept = suppressByClass([candidate(1, 0.6, 0), candidate(0, 0.9, 0)]);
    expect(kept.map(({ classIndex }) => classIndex)).toEqual([0, 1]);
  });
});
