import { areaOf, overlapOf, sharedArea } from '../detect/boxes.ts';
import type { Box } from '../detect/boxes.ts';
import type { LabelledPerson } from './labels.ts';

/**
 * `found` and `missed` count labelled people, `right` and `wrong` count boxes of the detector. With one box per person
 * `right` equals `found`; a motion box may contain several people.
 */
export type Score = { found: number; missed: number; right: number; wrong: number };
export type Rates = { precision: number; recall: number; f1: number };

/** Minimum intersection over union of a box and a labelled person. */
export const personOverlapMin = 0.4;
/** A box with this fraction on ignored people is neither right nor wrong. */
export const ignoredPartMin = 0.5;
/** A moving person is found if motion boxes cover this fraction of the person's box … */
export const motionCoverMin = 0.5;
/** … and a motion box is right if moving people cover this fraction of it: merged boxes have gaps. */
export const motionPartMin = 0.25;

export const emptyScore: Score = { found: 0, missed: 0, right: 0, wrong: 0 };

/**
 * Scores person boxes against labels, one to one, largest overlap first. Partly hidden and small people are ignored:
 * missing them costs nothing, and a box on them is neither right nor wrong.
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
 * Scores motion boxes against labels by area, because a box may contain several people or a part of one: see
 * `motionCoverMin` and `motionPartMin`. A box with too little of moving people but enough of any people (standing people
 * move their arms; distant and half hidden people are ignored) is neither right nor wrong.
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

/** 1 for an empty total: finding nothing in nothing is correct. */
export function ratesOf({ found, missed, right, wrong }: Score): Rates {
  const precision = partOf(right, right + wrong);
  const recall = partOf(found, found + missed);
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { precision, recall, f1 };
}

export function counts(person: LabelledPerson): boolean {
  return person.partial !== true && person.small !== true;
}

/** Fraction of a box that the union of others covers, 0–1. */
export function coveredPart(box: Box, others: readonly Box[]): number {
  const columns = cutsWithin(
    [box.x, box.x + box.width],
    others.flatMap(({ x, width }) => [x, x + width]),
  );
  const rows = cutsWithin(
    [box.y, box.y + box.height],
    others.flatMap(({ y, height }) => [y, y + height]),
  );
  // The cuts are the edges of all boxes, so each cell is covered completely or not at all.
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
