import type { DetectionEntry, DetectionResult } from '@camplane/contracts/detection';
import { randomUUID } from 'node:crypto';

/** A result as detection-service sends it: one person, without a frame. */
export function resultOf(cameraId: string, changes: Partial<DetectionResult> = {}): DetectionResult {
  return {
    cameraId,
    capturedAt: new Date().toISOString(),
    sequence: 1,
    frame: { width: 640, height: 360 },
    detectors: ['motion', 'person'],
    detections: [entryOf()],
    picture: null,
    ...changes,
  };
}

export function entryOf(changes: Partial<DetectionEntry> = {}): DetectionEntry {
  return {
    id: randomUUID(),
    detector: 'person',
    label: 'person',
    confidence: 0.75,
    boundingBox: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 },
    trackId: randomUUID(),
    ...changes,
  };
}

/** Bytes that start and end like a JPEG. */
export function jpegOf(bytes: number, fill = 7): Buffer {
  const jpeg = Buffer.alloc(bytes, fill);
  jpeg.set([0xff, 0xd8, 0xff, 0xe0], 0);
  jpeg.set([0xff, 0xd9], bytes - 2);
  return jpeg;
}
