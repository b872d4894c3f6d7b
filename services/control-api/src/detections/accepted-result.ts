import { storedDetectionSchema } from '@camplane/contracts/detection';
import type { DetectionResult, StoredDetection } from '@camplane/contracts/detection';
import { operationPath } from '@camplane/contracts/operations';
import type { DetectionRow } from '../store/schema.ts';

/** A result as it waits to be stored: in place of its picture, where that was put; null where none was kept. */
export type AcceptedResult = Omit<DetectionResult, 'picture'> & { picture: string | null };

export type NewDetectionRow = Omit<DetectionRow, 'isFirstOfTrack'>;

/** The rows of a result, one a detection; none of an empty result. */
export function rowsOf(result: AcceptedResult): NewDetectionRow[] {
  const capturedAt = new Date(result.capturedAt);
  return result.detections.map(({ id, detector, label, confidence, boundingBox, trackId }) => ({
    id,
    cameraId: result.cameraId,
    detector,
    label,
    confidence,
    boxX: boundingBox.x,
    boxY: boundingBox.y,
    boxWidth: boundingBox.width,
    boxHeight: boundingBox.height,
    trackId,
    capturedAt,
    sequence: result.sequence,
    frameWidth: result.frame.width,
    frameHeight: result.frame.height,
    picture: result.picture,
  }));
}

/** A row as it is answered; undefined for one that is not as we write them: a database can be edited by hand. */
export function storedDetectionOf(row: DetectionRow, hasPicture: boolean): StoredDetection | undefined {
  const parsed = storedDetectionSchema.safeParse({
    id: row.id,
    cameraId: row.cameraId,
    detector: row.detector,
    label: row.label,
    confidence: row.confidence,
    boundingBox: { x: row.boxX, y: row.boxY, width: row.boxWidth, height: row.boxHeight },
    trackId: row.trackId,
    capturedAt: row.capturedAt.toISOString(),
    sequence: row.sequence,
    frame: { width: row.frameWidth, height: row.frameHeight },
    imagePath: hasPicture ? operationPath('readDetectionImage', { id: row.id }) : null,
  });
  return parsed.success ? parsed.data : undefined;
}
