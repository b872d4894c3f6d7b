import { overlapOf } from '../boxes.ts';
import type { Box } from '../boxes.ts';

type Place = { box: Box; seenAt: number; movedAt: number };

/** A place is searched for this long after a person was last found there, … */
const missingMaxMs = 5_000;
/** … and for this long after the last motion there, so that a post which looks like a person is forgotten. */
const stillMaxMs = 120_000;
const placesMax = 16;
const sameOverlap = 0.3;

/** Where people were found. A person who stands still becomes background for motion detection, but is still searched here. */
export function createRememberedPlaces() {
  let places: Place[] = [];

  return {
    /** The boxes of the last detections. */
    at(now: number): Box[] {
      places = places.filter(
        ({ seenAt, movedAt }) => within(now - seenAt, missingMaxMs) && within(now - movedAt, stillMaxMs),
      );
      return places.map(({ box }) => box);
    },
    /** @param moves whether there is motion where the person was found */
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

/** Absolute, so that a clock that is set back does not keep a place forever. */
function within(elapsedMs: number, maxMs: number): boolean {
  return Math.abs(elapsedMs) <= maxMs;
}
