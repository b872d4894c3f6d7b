import { storedDetectionSchema } from '@camplane/contracts/detection';
import type { DetectionResult, StoredDetection, StreamDetection } from '@camplane/contracts/detection';
import { operationPath } from '@camplane/contracts/operations';
import { screenshotNameOf } from '../detection-images/image-path.ts';
import type { DetectionRow } from '../store/schema.ts';

/**
 * A result that waits to be stored. `imageFile` is the path of its frame in the folder of images, null without one;
 * `picture` of a `DetectionResult` is base64.
 */
export type AcceptedResult = Omit<DetectionResult, 'picture'> & { imageFile: string | null };

export type NewDetectionRow = Omit<DetectionRow, 'isFirstOfTrack'>;

/** One row for each detection of a result. */
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
    picture: result.imageFile,
  }));
}

/** The API representation of a row; undefined for an invalid one, which an edit by hand can leave. */
export function storedDetectionOf(row: DetectionRow, hasImage: boolean): StoredDetection | undefined {
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
    imagePath: hasImage ? operationPath('readDetectionImage', { id: row.id }) : null,
  });
  return parsed.success ? parsed.data : undefined;
}

/** A row in the form of R3.5; undefined for an invalid one. */
export function streamDetectionOf(row: DetectionRow, hasImage: boolean): StreamDetection | undefined {
  const stored = storedDetectionOf(row, hasImage);
  if (!stored) return undefined;
  const { cameraId, capturedAt, detector, trackId, sequence, frame, ...found } = stored;
  const filename = row.picture === null ? undefined : screenshotNameOf(row.picture);
  return {
    ...found,
    streamId: cameraId,
    timestamp: capturedAt,
    imagePath:
      hasImage && filename !== undefined ? operationPath('readScreenshot', { id: cameraId, filename }) : null,
    metadata: { detector, trackId, sequence, frame },
  };
}
