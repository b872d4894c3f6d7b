import type { OpenCv } from '@camplane/opencv/load-opencv';
import type { Detector, Image } from '../detector.ts';
import { areaOf, fractionsOf, overlapOf, sharedArea } from '../boxes.ts';
import type { Box } from '../boxes.ts';
import type { MotionWatch } from '../motion/motion-watch.ts';
import type { WorkTurn } from '../work-share.ts';
import { choosePeople, distanceMin, overlapMax } from './choose-people.ts';
import { createPeopleSearch } from './people-search.ts';
import { planCrops } from './person-crops.ts';
import { createRememberedPlaces } from './remembered-places.ts';

/** Minimum fraction of a person's box that moves, or overlaps a remembered place. */
const movingPartMin = 0.3;
/** Minimum confidence to remember a place. */
const rememberedConfidence = 0.5;

/** Detects people where something moves, and where a person stopped moving. */
export function createPersonDetector(cv: OpenCv, watch: MotionWatch, turns: WorkTurn): Detector {
  const search = createPeopleSearch(cv);
  const places = createRememberedPlaces();
  let turn = 0;

  return {
    async detect(image, { minConfidence, maySkip = false }) {
      const moving = await movingRegions(watch, image);
      const known = places.at(image.capturedAt);
      const still = known.filter((box) => movingPart(box, moving) < movingPartMin);
      const regions = [...moving, ...still];
      if (regions.length === 0) return [];
      if (maySkip && !turns.isDue(performance.now())) return null;
      // If not all regions can be searched, rotate them.
      turn = (turn + 1) % regions.length;
      const crops = planCrops([...regions.slice(turn), ...regions.slice(0, turn)]);
      const grey = await image.grey();
      const startedMs = performance.now();
      const candidates = search
        .find(grey, crops, distanceMin)
        .filter(
          ({ box }) =>
            movingPart(box, moving) >= movingPartMin ||
            still.some((place) => overlapOf(place, box) > overlapMax),
        );
      turns.done(performance.now(), performance.now() - startedMs);
      const people = choosePeople(candidates);
      places.remember(
        people
          .filter(({ confidence }) => confidence >= rememberedConfidence)
          .map(({ box }) => ({ box, moves: movingPart(box, moving) >= movingPartMin })),
        image.capturedAt,
      );
      return people
        .filter(({ confidence }) => confidence >= minConfidence)
        .map(({ box, confidence }) => ({
          label: 'person',
          confidence,
          boundingBox: fractionsOf(box, image),
        }));
    },
    dispose() {
      turns.leave();
      search.dispose();
    },
  };
}

/** In image pixels. */
async function movingRegions(watch: MotionWatch, image: Image): Promise<Box[]> {
  const moved = await watch.detect(image);
  const scaleX = image.width / moved.width;
  const scaleY = image.height / moved.height;
  return moved.boxes.map((box) => ({
    x: box.x * scaleX,
    y: box.y * scaleY,
    width: box.width * scaleX,
    height: box.height * scaleY,
  }));
}

function movingPart(box: Box, moving: readonly Box[]): number {
  return Math.max(0, ...moving.map((region) => sharedArea(box, region))) / areaOf(box);
}
