import type { OpenCv } from '@camplane/opencv/load-opencv';
import type { Detector } from '../detector.ts';
import { fractionsOf } from '../boxes.ts';
import { choosePeople, distanceMin } from './choose-people.ts';
import { createPeopleSearch } from './people-search.ts';

/** Number of pixels to search: smaller images are enlarged, up to `scaleMax`, so that small people are found. */
const pixelsTarget = 900_000;
const scaleMax = 2;

/** Detects people anywhere in a single image. */
export function createImagePersonDetector(cv: OpenCv): Detector {
  const search = createPeopleSearch(cv);
  return {
    async detect(image, { minConfidence }) {
      const { width, height } = image;
      const scale = Math.min(scaleMax, Math.sqrt(pixelsTarget / (width * height)));
      const crop = { box: { x: 0, y: 0, width, height }, scale };
      const candidates = search.find(await image.grey(), [crop], distanceMin);
      return choosePeople(candidates)
        .filter(({ confidence }) => confidence >= minConfidence)
        .map(({ box, confidence }) => ({
          label: 'person',
          confidence,
          boundingBox: fractionsOf(box, image),
        }));
    },
    dispose: () => search.dispose(),
  };
}
