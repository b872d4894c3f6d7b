import type { Detector } from '../detector.ts';
import { fractionsOf } from '../boxes.ts';
import type { MotionWatch } from './motion-watch.ts';

/** Reports moving regions. */
export function createMotionDetector(watch: MotionWatch): Detector {
  return {
    async detect(image, { minConfidence }) {
      const motion = await watch.detect(image);
      return motion.boxes
        .map((box) => ({
          label: 'motion',
          confidence: motionConfidence(box.fill),
          boundingBox: fractionsOf(box, motion),
        }))
        .filter(({ confidence }) => confidence >= minConfidence);
    },
    dispose() {
      // The watch is shared and belongs to the caller.
    },
  };
}

/**
 * 1 − (1 − fill)². A walking person fills between a third and two thirds of its box, a confidence of 0.55 to 0.9; noise, whose
 * specks merge to large boxes, fills less than 0.29 and stays below 0.5.
 *
 * @param fill fraction of the box that moves, 0–1
 */
export function motionConfidence(fill: number): number {
  return 1 - (1 - fill) ** 2;
}
