import type { DetectorName } from '@camplane/contracts/camera';
import type { DetectionEntry, DetectionResult } from '@camplane/contracts/detection';
import { boxMaxAgeMs, withoutCoveredMotion } from '@camplane/contracts/shown-boxes';
import type { DetectionBox } from './detection-boxes.ts';

type Said = { detections: DetectionEntry[]; atMs: number };
type Latest = { byDetector: Map<DetectorName, Said>; drawn: readonly DetectionBox[] };

/** Cameras remembered; beyond it the one that was silent longest is forgotten. */
const camerasMax = 1000;

const nothing: readonly DetectionBox[] = [];

/** The boxes to draw of each camera: the latest word of each detector, as long as it is true. */
export class CameraBoxes {
  readonly #cameras = new Map<string, Latest>();

  hear(result: Pick<DetectionResult, 'cameraId' | 'detectors' | 'detections'>, nowMs: number): void {
    const { byDetector } = this.#cameras.get(result.cameraId) ?? {
      byDetector: new Map<DetectorName, Said>(),
    };
    for (const detector of result.detectors) {
      const detections = result.detections.filter((detection) => detection.detector === detector);
      byDetector.set(detector, { detections, atMs: nowMs });
    }
    this.#cameras.delete(result.cameraId);
    this.#cameras.set(result.cameraId, { byDetector, drawn: boxesToDraw(byDetector, nowMs) });
    if (this.#cameras.size > camerasMax) {
      const [oldest] = this.#cameras.keys();
      if (oldest !== undefined) this.#cameras.delete(oldest);
    }
  }

  /** The same array until the camera is heard of again. */
  of(cameraId: string): readonly DetectionBox[] {
    return this.#cameras.get(cameraId)?.drawn ?? nothing;
  }
}

function boxesToDraw(byDetector: ReadonlyMap<DetectorName, Said>, nowMs: number): DetectionBox[] {
  const current = [...byDetector.values()].filter((said) => nowMs - said.atMs < boxMaxAgeMs);
  const shown = withoutCoveredMotion(current.flatMap((said) => said.detections));
  return shown.map(({ boundingBox, label, confidence }) => ({ ...boundingBox, label, confidence }));
}
