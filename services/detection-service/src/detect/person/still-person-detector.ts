import type { OpenCv } from '@camplane/opencv/load-opencv';
import type { Detector } from '../detector.ts';
import { fractionsOf } from '../boxes.ts';
import { choosePeople, distanceMin } from './choose-people.ts';
import { createPeopleSearch } from './people-search.ts';

/** Pixels searched: a picture that is smaller is made larger, by at most so much, so that small people are found. */
const pixelsWanted = 900_000;
const scaleMax = 2;

/** Says where people are in a single picture, of which nothing is known: looks everywhere. */
export function createStillPersonDetector(cv: OpenCv): Detector {
  const search = createPeopleSearch(cv);
  return {
    async detect(picture, { minConfidence }) {
      const { width, height } = picture;
      const scale = Math.min(scaleMax, Math.sqrt(pixelsWanted / (width * height)));
      const crop = { box: { x: 0, y: 0, width, height }, scale };
      const candidates = search.find(await picture.grey(), [crop], distanceMin);
      return choosePeople(candidates)
        .filter(({ confidence }) => confidence >= minConfidence)
        .map(({ box, confidence }) => ({
          label: 'person',
          confidence,
          boundingBox: fractionsOf(box, picture),
        }));
    },
    dispose: () => search.dispose(),
  };
}
