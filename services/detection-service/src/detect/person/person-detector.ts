import type { OpenCv } from '@camplane/opencv/load-opencv';
import type { Detector, Picture } from '../detector.ts';
import { areaOf, fractionsOf, overlapOf, sharedArea } from '../boxes.ts';
import type { Box } from '../boxes.ts';
import type { MotionWatch } from '../motion/motion-watch.ts';
import type { WorkTurn } from '../work-share.ts';
import { choosePeople, distanceMin, overlapMax } from './choose-people.ts';
import { createPeopleSearch } from './people-search.ts';
import { planCrops } from './person-crops.ts';
import { createRememberedPlaces } from './remembered-places.ts';

/** Part of a person's box that must be in motion, or be where a person was seen before. */
const movingPartMin = 0.3;
/** A place that was found with less is not worth returning to. */
const rememberedConfidence = 0.5;

/** Says where people are: looks where something moves, and where somebody stood still. */
export function createPersonDetector(cv: OpenCv, watch: MotionWatch, turns: WorkTurn): Detector {
  const search = createPeopleSearch(cv);
  const places = createRememberedPlaces();
  let turn = 0;

  return {
    async detect(picture, { minConfidence, mayRest = false }) {
      const moving = await movingRegions(watch, picture);
      const known = places.at(picture.capturedAt);
      const still = known.filter((box) => movingPart(box, moving) < movingPartMin);
      const regions = [...moving, ...still];
      if (regions.length === 0) return [];
      if (mayRest && !turns.isDue(performance.now())) return null;
      // Where not all can be looked at, each is looked at in turn.
      turn = (turn + 1) % regions.length;
      const crops = planCrops([...regions.slice(turn), ...regions.slice(0, turn)]);
      const grey = await picture.grey();
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
        picture.capturedAt,
      );
      return people
        .filter(({ confidence }) => confidence >= minConfidence)
        .map(({ box, confidence }) => ({
          label: 'person',
          confidence,
          boundingBox: fractionsOf(box, picture),
        }));
    },
    dispose() {
      turns.leave();
      search.dispose();
    },
  };
}

/** In pixels of the picture. */
async function movingRegions(watch: MotionWatch, picture: Picture): Promise<Box[]> {
  const moved = await watch.look(picture);
  const scaleX = picture.width / moved.width;
  const scaleY = picture.height / moved.height;
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
