import type { DetectorName } from '@camplane/contracts/camera';
import type { DetectionEntry, DetectionResult } from '@camplane/contracts/detection';
import { boxMaxAgeMs, withoutCoveredMotion } from '@camplane/contracts/shown-boxes';
import { LRUCache } from 'lru-cache';
import type { DetectionBox } from './detection-boxes.ts';

type LatestResult = { detections: DetectionEntry[]; atMs: number };
type Latest = { byDetector: Map<DetectorName, LatestResult>; drawn: readonly DetectionBox[] };

/** Beyond that, the camera without results for the longest time is evicted. */
const camerasMax = 1000;

const nothing: readonly DetectionBox[] = [];

/** The boxes to draw per camera: the latest result of each detector, until it expires. */
export class CameraBoxes {
  readonly #cameras = new LRUCache<string, Latest>({ max: camerasMax });

  update(result: Pick<DetectionResult, 'cameraId' | 'detectors' | 'detections'>, nowMs: number): void {
    const { byDetector } = this.#cameras.peek(result.cameraId) ?? {
      byDetector: new Map<DetectorName, LatestResult>(),
    };
    for (const detector of result.detectors) {
      const detections = result.detections.filter((detection) => detection.detector === detector);
      byDetector.set(detector, { detections, atMs: nowMs });
    }
    this.#cameras.set(result.cameraId, { byDetector, drawn: boxesToDraw(byDetector, nowMs) });
  }

  /** The same array until the next result of the camera. */
  of(cameraId: string): readonly DetectionBox[] {
    return this.#cameras.peek(cameraId)?.drawn ?? nothing;
  }
}

function boxesToDraw(byDetector: ReadonlyMap<DetectorName, LatestResult>, nowMs: number): DetectionBox[] {
  const current = [...byDetector.values()].filter((result) => nowMs - result.atMs < boxMaxAgeMs);
  const shown = withoutCoveredMotion(current.flatMap(({ detections }) => detections));
  return shown.map(({ boundingBox, label, confidence }) => ({ ...boundingBox, label, confidence }));
}
