import type { Detector } from '../detector.ts';
import { fractionsOf } from '../boxes.ts';
import type { MotionWatch } from './motion-watch.ts';

/** Says where something moves. */
export function createMotionDetector(watch: MotionWatch): Detector {
  return {
    async detect(picture, { minConfidence }) {
      const moved = await watch.look(picture);
      return moved.boxes
        .map((box) => ({
          label: 'motion',
          confidence: motionConfidence(box.fill),
          boundingBox: fractionsOf(box, moved),
        }))
        .filter(({ confidence }) => confidence >= minConfidence);
    },
    dispose() {
      // The watch belongs to whoever made it: others ask it too.
    },
  };
}

/**
 * 1 − (1 − fill)². A walking person fills between a third and two thirds of the box around it, which gives 0.55 to
 * 0.9; noise, whose specks are joined to large empty boxes, fills less than 0.29 and stays below 0.5.
 *
 * @param fill part of the box that is in motion, 0–1
 */
export function motionConfidence(fill: number): number {
  return 1 - (1 - fill) ** 2;
}
