import { describe, expect, it } from '@jest/globals';
import type { LabelledPerson } from './labels.ts';
import { addScores, coveredPart, emptyScore, ratesOf, scoreMotion, scorePeople } from './score.ts';

const walker = person(100, 100);

describe('person boxes', () => {
  it('finds a person with an intersection over union of at least 0.4', () => {
    // 20 of 40 wide, moved by 8: 12 shared of 28.
    expect(scorePeople([{ ...walker, x: 108 }], [walker])).toEqual({
      found: 1,
      missed: 0,
      right: 1,
      wrong: 0,
    });
    // Moved by 9: 11 shared of 29.
    expect(scorePeople([{ ...walker, x: 109 }], [walker])).toEqual({
      found: 0,
      missed: 1,
      right: 0,
      wrong: 1,
    });
  });

  it('counts a second box on a person as wrong', () => {
    expect(scorePeople([walker, { ...walker, x: 103 }], [walker])).toEqual({
      found: 1,
      missed: 0,
      right: 1,
      wrong: 1,
    });
  });

  it('pairs the largest overlaps first, in any order', () => {
    const neighbour = person(108, 100);
    const boxes = [
      { ...walker, x: 104 },
      { ...walker, x: 99 },
    ];
    const expected = { found: 2, missed: 0, right: 2, wrong: 0 };
    expect(scorePeople(boxes, [walker, neighbour])).toEqual(expected);
    expect(scorePeople(boxes.toReversed(), [neighbour, walker])).toEqual(expected);
  });

  it('matches one box around two people to neither', () => {
    const people = [walker, person(135, 100)];
    const joined = { x: 100, y: 100, width: 55, height: 60 };
    expect(scorePeople([joined], people)).toEqual({ found: 0, missed: 2, right: 0, wrong: 1 });
  });

  it.each(['partial', 'small'] as const)('ignores a box on a %s person', (mark) => {
    const uncounted = { ...person(300, 100), [mark]: true };
    expect(scorePeople([], [uncounted])).toEqual(emptyScore);
    expect(scorePeople([uncounted], [uncounted])).toEqual(emptyScore);
    // Much smaller than the label, but on it.
    expect(scorePeople([{ x: 305, y: 110, width: 8, height: 20 }], [uncounted])).toEqual(emptyScore);
    expect(scorePeople([{ ...uncounted, x: 316 }], [uncounted])).toEqual({ ...emptyScore, wrong: 1 });
  });

  it('prefers a counted person to an ignored one', () => {
    const behind = { ...person(104, 98), partial: true as const };
    expect(scorePeople([{ ...walker, x: 103 }], [behind, walker])).toEqual({
      found: 1,
      missed: 0,
      right: 1,
      wrong: 0,
    });
  });

  it('counts every box in an empty scene as wrong', () => {
    expect(scorePeople([walker], [])).toEqual({ ...emptyScore, wrong: 1 });
  });
});

describe('motion boxes', () => {
  it('finds a moving person that is half covered', () => {
    const upperHalf = { ...walker, height: 30 };
    expect(scoreMotion([upperHalf], [walker])).toEqual({ found: 1, missed: 0, right: 1, wrong: 0 });
    expect(scoreMotion([{ ...walker, height: 29 }], [walker])).toEqual({
      found: 0,
      missed: 1,
      right: 1,
      wrong: 0,
    });
  });

  it('finds a person in two boxes, and two people in one box', () => {
    const parts = [
      { ...walker, height: 20 },
      { ...walker, y: 140, height: 20 },
    ];
    expect(scoreMotion(parts, [walker])).toEqual({ found: 1, missed: 0, right: 2, wrong: 0 });
    const joined = { x: 100, y: 100, width: 60, height: 60 };
    expect(scoreMotion([joined], [walker, person(140, 100)])).toEqual({
      found: 2,
      missed: 0,
      right: 1,
      wrong: 0,
    });
  });

  it('counts a box with less than a quarter of moving people as wrong', () => {
    const large = { x: 100, y: 100, width: 81, height: 60 };
    expect(scoreMotion([large], [walker])).toEqual({ found: 1, missed: 0, right: 0, wrong: 1 });
    expect(scoreMotion([{ ...large, width: 80 }], [walker]).right).toBe(1);
  });

  it.each([{ moving: false }, { partial: true as const }, { small: true as const }])(
    'neither punishes nor rewards a box on a person who is %j',
    (mark) => {
      const uncounted = { ...walker, ...mark };
      expect(scoreMotion([uncounted], [uncounted])).toEqual(emptyScore);
      expect(scoreMotion([], [uncounted])).toEqual(emptyScore);
      expect(scoreMotion([{ x: 400, y: 0, width: 30, height: 30 }], [uncounted])).toEqual({
        ...emptyScore,
        wrong: 1,
      });
    },
  );
});

describe('the covered fraction of a box', () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };

  it.each([
    ['nothing', [], 0],
    ['one inside', [{ x: 2, y: 2, width: 5, height: 4 }], 0.2],
    ['one that reaches beyond', [{ x: 5, y: -5, width: 20, height: 30 }], 0.5],
    ['one beside', [{ x: 10, y: 0, width: 5, height: 10 }], 0],
    [
      'two that overlap, once',
      [
        { x: 0, y: 0, width: 6, height: 10 },
        { x: 4, y: 0, width: 4, height: 10 },
      ],
      0.8,
    ],
    ['the whole', [box, box], 1],
  ])('counts %s', (_, others, part) => {
    expect(coveredPart(box, others)).toBeCloseTo(part, 10);
  });
});

describe('rates', () => {
  it('are precision, recall and their harmonic mean', () => {
    const rates = ratesOf({ found: 6, missed: 4, right: 9, wrong: 3 });
    expect(rates.precision).toBeCloseTo(0.75);
    expect(rates.recall).toBeCloseTo(0.6);
    expect(rates.f1).toBeCloseTo(2 / 3);
  });

  it('are 1 for nothing, and 0 for errors only', () => {
    expect(ratesOf(emptyScore)).toEqual({ precision: 1, recall: 1, f1: 1 });
    expect(ratesOf({ found: 0, missed: 2, right: 0, wrong: 1 })).toEqual({ precision: 0, recall: 0, f1: 0 });
  });

  it('are computed from sums over frames', () => {
    const one = { found: 1, missed: 2, right: 3, wrong: 4 };
    expect(addScores(one, addScores(one, emptyScore))).toEqual({ found: 2, missed: 4, right: 6, wrong: 8 });
  });
});

function person(x: number, y: number): LabelledPerson {
  return { x, y, width: 20, height: 60, moving: true };
}
