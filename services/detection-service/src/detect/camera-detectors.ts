import type { DetectionSettings, DetectorName } from '@camplane/contracts/camera';
import type { Found } from '@camplane/contracts/detection';
import type { Detector, Image } from './detector.ts';
import { detectorFactories } from './detector-registry.ts';
import type { WorkerTools } from './detector-registry.ts';
import { createMotionWatch } from './motion/motion-watch.ts';
import type { MotionWatch } from './motion/motion-watch.ts';
import { UnreadableImage } from './open-image.ts';
import { countsInZones } from './zones.ts';

export type DetectOptions = Pick<DetectionSettings, 'minConfidence' | 'zones'> & {
  detectors: readonly DetectorName[];
  /** Expensive detectors may skip frames when the worker is busy. */
  maySkip?: boolean;
};

/** What one detector did with an image. `skipped`: its previous result remains valid. */
export type DetectorRun = { detector: DetectorName; seconds: number } & (
  | { outcome: 'detected'; found: Found[] }
  | { outcome: 'skipped' }
  | { outcome: 'failed'; message: string; cause: unknown }
);

export type CameraDetectors = {
  /**
   * Runs each requested detector. One that fails is reported and recreated for the next image; the others still run.
   *
   * @throws {UnreadableImage}
   */
  detect(image: Image, options: DetectOptions): Promise<DetectorRun[]>;
  dispose(): void;
};

/** The detectors of one camera. Each exists while it is requested. */
export function createCameraDetectors(tools: WorkerTools): CameraDetectors {
  let watch: MotionWatch | null = null;
  const sharedWatch = () => (watch ??= createMotionWatch(tools.cv));
  const detectors = createDetectorSet((name) => detectorFactories[name]?.forCamera(tools, sharedWatch));
  return {
    detect: (image, options) => detectors.detect(image, options),
    dispose() {
      detectors.dispose();
      watch?.dispose();
      watch = null;
    },
  };
}

/** The detectors for unrelated images. */
export function createImageDetectors(tools: WorkerTools): CameraDetectors {
  return createDetectorSet((name) => detectorFactories[name]?.forImages?.(tools));
}

function createDetectorSet(create: (name: DetectorName) => Detector | undefined): CameraDetectors {
  const existing = new Map<DetectorName, Detector>();

  function detectorFor(name: DetectorName): Detector | undefined {
    const detector = existing.get(name) ?? create(name);
    if (detector) existing.set(name, detector);
    return detector;
  }
  function remove(name: DetectorName): void {
    existing.get(name)?.dispose();
    existing.delete(name);
  }
  async function run(detector: DetectorName, image: Image, options: DetectOptions): Promise<DetectorRun> {
    const startedMs = performance.now();
    const seconds = () => (performance.now() - startedMs) / 1000;
    try {
      const found = await detectorFor(detector)?.detect(image, options);
      if (!found) return { detector, seconds: seconds(), outcome: 'skipped' };
      const inZones = found.filter(({ boundingBox }) => countsInZones(boundingBox, options.zones));
      return { detector, seconds: seconds(), outcome: 'detected', found: inZones };
    } catch (cause) {
      if (cause instanceof UnreadableImage) throw cause;
      remove(detector);
      // OpenCV throws numbers.
      const message = cause instanceof Error ? cause.message : `OpenCV failed (${String(cause)})`;
      return { detector, seconds: seconds(), outcome: 'failed', message, cause };
    }
  }

  return {
    async detect(image, options) {
      for (const name of existing.keys()) if (!options.detectors.includes(name)) remove(name);
      const runs: DetectorRun[] = [];
      for (const name of new Set(options.detectors)) runs.push(await run(name, image, options));
      return runs;
    },
    dispose() {
      for (const name of [...existing.keys()]) remove(name);
    },
  };
}
