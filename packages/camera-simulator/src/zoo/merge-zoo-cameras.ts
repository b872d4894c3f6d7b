import { mergeDeviations } from '../rtsp/deviation.ts';
import type { ZooCamera } from './zoo-row.ts';

/** Several deviations in one camera. Throws a RangeError if they are of different kinds of source. */
export function mergeZooCameras(cameras: readonly ZooCamera[]): ZooCamera {
  return cameras.reduce((merged, camera) => {
    if (merged.kind !== camera.kind) {
      throw new RangeError(`deviations of ${merged.kind} and ${camera.kind} cameras do not combine`);
    }
    return mergeDeviations(merged, camera);
  });
}
