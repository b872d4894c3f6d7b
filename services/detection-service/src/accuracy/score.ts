import { areaOf, overlapOf, sharedArea } from '../detect/boxes.ts';
import type { Box } from '../detect/boxes.ts';
import type { LabelledPerson } from './labels.ts';

/**
 * `found` and `missed` count labelled people, `right` and `wrong` boxes of the detector. With one box for each person
 * `right` and `found` are the same; a box of motion may hold several.
 */
export type Score = { found: number; missed: number; right: number; wrong: number };
export type Rates = { precision: number; recall: number; f1: number };

/** A found box is a labelled person where they share so much of their union. */
export const personOverlapMin = 0.4;
/** A found box that lies so far on people who do not count is neither right nor wrong. */
export const ignoredPartMin = 0.5;
/** A moving person is found where boxes of motion cover so much of its box … */
export const motionCoverMin = 0.5;
/** … and a box of motion is right where moving people cover so much of it: a joined box has gaps. */
export const motionPartMin = 0.25;

export const emptyScore: Score = { found: 0, missed: 0, right: 0, wrong: 0 };

/**
 * Boxes of people against labels, one to one: the pair that shares most first. Who is partly hidden or too small
 * does not count: missing him costs nothing, and a box on him is neither right nor wrong.
 */
export function scorePeople(found: readonly Box[], people: readonly LabelledPerson[]): Score {
  const counting = people.filter(counts);
  const uncounted = people.filter((person) => !counts(person));
  const pairs = matchOneToOne(found, counting);
  const unmatched = found.filter((box) => !pairs.has(box));
  const onUncounted = matchOneToOne(unmatched, uncounted);
  const wrong = unmatched.filter(
    (box) => !onUncounted.has(box) && coveredPart(box, uncounted) < ignoredPartMin,
  );
  return {
    found: pairs.size,
    missed: counting.length - pairs.size,
    right: pairs.size,
    wrong: wrong.length,
  };
}

/**
 * Boxes of motion against labels. They may join people, or hold a part of one, so that area decides: see
 * `motionCoverMin` and `motionPartMin`. A box that does not hold enough of moving people, but does of people at all
 * (who stands moves arms; who is far away or half hidden does not count), is neither right nor wrong.
 */
export function scoreMotion(found: readonly Box[], people: readonly LabelledPerson[]): Score {
  const moving = people.filter((person) => person.moving && counts(person));
  const covered = moving.filter((person) => coveredPart(person, found) >= motionCoverMin);
  const right = found.filter((box) => coveredPart(box, moving) >= motionPartMin);
  const wrong = found.filter((box) => !right.includes(box) && coveredPart(box, people) < motionPartMin);
  return {
    found: covered.length,
    missed: moving.length - covered.length,
    right: right.length,
    wrong: wrong.length,
  };
}

export function addScores(a: Score, b: Score): Score {
  return {
    found: a.found + b.found,
    missed: a.missed + b.missed,
    right: a.right + b.right,
    wrong: a.wrong + b.wrong,
  };
}

/** Nothing found among nothing is no fault: the rate of nothing is 1. */
export function ratesOf({ found, missed, right, wrong }: Score): Rates {
  const precision = partOf(right, right + wrong);
  const recall = partOf(found, found + missed);
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { precision, recall, f1 };
}

export function counts(person: LabelledPerson): boolean {
  return person.partial !== true && person.small !== true;
}

/** Part of a box that others cover together, 0–1; what several of them cover counts once. */
export function coveredPart(box: Box, others: readonly Box[]): number {
  const columns = cutsWithin(
    [box.x, box.x + box.width],
    others.flatMap(({ x, width }) => [x, x + width]),
  );
  const rows = cutsWithin(
    [box.y, box.y + box.height],
    others.flatMap(({ y, height }) => [y, y + height]),
  );
  // Between two cuts nothing begins or ends: a cell is covered whole or not at all.
  const cells = columns.flatMap(({ from: x, length: width }) =>
    rows.map(({ from: y, length: height }) => ({ x, y, width, height })),
  );
  const covered = cells.filter((cell) => others.some((other) => sharedArea(cell, other) > areaOf(cell) / 2));
  return covered.reduce((sum, cell) => sum + areaOf(cell), 0) / areaOf(box);
}

function cutsWithin([start, end]: [number, number], cuts: readonly number[]) {
  const inside = [...new Set([start, ...cuts.filter((cut) => cut > start && cut < end), end])];
  inside.sort((a, b) => a - b);
  return inside.slice(1).map((cut, index) => {
    const from = inside[index] ?? start;
    return { from, length: cut - from };
  });
}

function matchOneToOne(found: readonly Box[], people: readonly Box[]): Map<Box, Box> {
  const pairs = found
    .flatMap((box) => people.map((person) => ({ box, person, overlap: overlapOf(box, person) })))
    .filter(({ overlap }) => overlap >= personOverlapMin)
    .sort((a, b) => b.overlap - a.overlap);
  const matched = new Map<Box, Box>();
  const taken = new Set<Box>();
  for (const { box, person } of pairs) {
    if (matched.has(box) || taken.has(person)) continue;
    matched.set(box, person);
    taken.add(person);
  }
  return matched;
}

function partOf(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}
