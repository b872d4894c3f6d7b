import type { DetectionSettings, DetectorName } from '@camplane/contracts/camera';
import type { Found } from '@camplane/contracts/detection';
import type { Detector, Picture } from './detector.ts';
import { detectorMakers } from './detector-registry.ts';
import type { WorkerTools } from './detector-registry.ts';
import { createMotionWatch } from './motion/motion-watch.ts';
import type { MotionWatch } from './motion/motion-watch.ts';
import { UnreadablePicture } from './read-picture.ts';
import { countsInZones } from './zones.ts';

export type LookWishes = Pick<DetectionSettings, 'minConfidence' | 'zones'> & {
  detectors: readonly DetectorName[];
  /** Costly detectors may leave out pictures where the worker has much to do. */
  mayRest?: boolean;
};

/** What one detector said. `skipped`: it did not look at this picture; what it said before still holds. */
export type Look = { detector: DetectorName; seconds: number } & (
  | { outcome: 'looked'; found: Found[] }
  | { outcome: 'skipped' }
  | { outcome: 'failed'; message: string; cause: unknown }
);

export type CameraDetectors = {
  /**
   * Shows a picture to each wanted detector. One that fails is told of and made anew; the others are not held up.
   *
   * @throws {UnreadablePicture}
   */
  look(picture: Picture, wishes: LookWishes): Promise<Look[]>;
  dispose(): void;
};

/** The detectors of one camera, each made when it is first wanted and given up when it no longer is. */
export function createCameraDetectors(tools: WorkerTools): CameraDetectors {
  let watch: MotionWatch | null = null;
  const detectors = createDetectorSet((name) =>
    detectorMakers[name]?.forCamera(tools, (watch ??= createMotionWatch(tools.cv))),
  );
  return {
    look: (picture, wishes) => detectors.look(picture, wishes),
    dispose() {
      detectors.dispose();
      watch?.dispose();
      watch = null;
    },
  };
}

/** The detectors for pictures that come alone. */
export function createSingleDetectors(tools: WorkerTools): CameraDetectors {
  return createDetectorSet((name) => detectorMakers[name]?.forSingles?.(tools));
}

function createDetectorSet(make: (name: DetectorName) => Detector | undefined): CameraDetectors {
  const made = new Map<DetectorName, Detector>();

  function detectorFor(name: DetectorName): Detector | undefined {
    const detector = made.get(name) ?? make(name);
    if (detector) made.set(name, detector);
    return detector;
  }
  function giveUp(name: DetectorName): void {
    made.get(name)?.dispose();
    made.delete(name);
  }
  async function lookWith(detector: DetectorName, picture: Picture, wishes: LookWishes): Promise<Look> {
    const startedMs = performance.now();
    const seconds = () => (performance.now() - startedMs) / 1000;
    try {
      const found = await detectorFor(detector)?.detect(picture, wishes);
      if (!found) return { detector, seconds: seconds(), outcome: 'skipped' };
      const counting = found.filter(({ boundingBox }) => countsInZones(boundingBox, wishes.zones));
      return { detector, seconds: seconds(), outcome: 'looked', found: counting };
    } catch (cause) {
      if (cause instanceof UnreadablePicture) throw cause;
      giveUp(detector);
      // OpenCV throws numbers.
      const message = cause instanceof Error ? cause.message : `OpenCV failed (${String(cause)})`;
      return { detector, seconds: seconds(), outcome: 'failed', message, cause };
    }
  }

  return {
    async look(picture, wishes) {
      for (const name of made.keys()) if (!wishes.detectors.includes(name)) giveUp(name);
      const looks: Look[] = [];
      for (const name of new Set(wishes.detectors)) looks.push(await lookWith(name, picture, wishes));
      return looks;
    },
    dispose() {
      for (const name of [...made.keys()]) giveUp(name);
    },
  };
}
