import type { DetectorName } from '@camplane/contracts/camera';
import type { DetectionResult } from '@camplane/contracts/detection';
import { boxMaxAgeMs } from './detection-boxes.ts';
import type { DetectionBox } from './detection-boxes.ts';

type Said = { boxes: DetectionBox[]; atMs: number };
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
      const boxes = result.detections
        .filter((detection) => detection.detector === detector)
        .map(({ boundingBox, label, confidence }) => ({ ...boundingBox, label, confidence }));
      byDetector.set(detector, { boxes, atMs: nowMs });
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

/** Motion is drawn where nobody has a better word for what moves there. */
function boxesToDraw(byDetector: ReadonlyMap<DetectorName, Said>, nowMs: number): DetectionBox[] {
  const current = [...byDetector].filter(([, said]) => nowMs - said.atMs < boxMaxAgeMs);
  const named = current.flatMap(([detector, said]) => (detector === 'motion' ? [] : said.boxes));
  const motion = current.flatMap(([detector, said]) => (detector === 'motion' ? said.boxes : []));
  return [...named, ...motion.filter((box) => !named.some((other) => overlap(box, other)))];
}

function overlap(a: DetectionBox, b: DetectionBox): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
