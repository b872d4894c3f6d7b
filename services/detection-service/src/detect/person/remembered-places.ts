import { overlapOf } from '../boxes.ts';
import type { Box } from '../boxes.ts';

type Place = { box: Box; seenAt: number; movedAt: number };

/** A place is looked at again for so long after a person was last found there, … */
const missingMaxMs = 5_000;
/** … and for so long after something last moved there: what looks like a person but is a post is let go. */
const stillMaxMs = 120_000;
const placesMax = 16;
const sameOverlap = 0.3;

/** Where people were found. Who stands still becomes background for motion, and is looked for here again. */
export function createRememberedPlaces() {
  let places: Place[] = [];

  return {
    /** Boxes as they were found. */
    at(now: number): Box[] {
      places = places.filter(
        ({ seenAt, movedAt }) => within(now - seenAt, missingMaxMs) && within(now - movedAt, stillMaxMs),
      );
      return places.map(({ box }) => box);
    },
    /** @param moves whether something moves where the person was found */
    remember(found: readonly { box: Box; moves: boolean }[], now: number): void {
      const fresh = found.map(({ box, moves }) => {
        const before = places.find((place) => overlapOf(place.box, box) > sameOverlap);
        return { box, seenAt: now, movedAt: moves ? now : (before?.movedAt ?? now) };
      });
      const gone = places.filter(
        (place) => !fresh.some(({ box }) => overlapOf(box, place.box) > sameOverlap),
      );
      places = [...fresh, ...gone].slice(0, placesMax);
    },
  };
}

/** A clock that was set back must not keep anything for ever. */
function within(elapsedMs: number, maxMs: number): boolean {
  return Math.abs(elapsedMs) <= maxMs;
}
