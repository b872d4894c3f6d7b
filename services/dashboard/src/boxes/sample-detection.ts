import { operationPath } from '@camplane/contracts/operations';
import type { DetectionEntry, StoredDetection } from '@camplane/contracts/detection';
import type { DetectionEvent } from '../live/detection-stream.ts';

/** A detection of a person, for tests. */
export function sampleEntry(track: number, changes: Partial<DetectionEntry> = {}): DetectionEntry {
  return {
    id: uuid(1, track),
    trackId: uuid(2, track),
    label: 'person',
    confidence: 0.8,
    detector: 'person',
    boundingBox: { x: 0.1, y: 0.2, width: 0.2, height: 0.4 },
    ...changes,
  };
}

/** As the API returns it, captured `capturedMs` after 2026-01-01. */
export function sampleStored(
  track: number,
  capturedMs: number,
  changes: Partial<StoredDetection> = {},
): StoredDetection {
  const entry = sampleEntry(track);
  return {
    ...entry,
    cameraId: 'door',
    capturedAt: timeAfter(capturedMs),
    sequence: 1,
    frame: { width: 640, height: 360 },
    imagePath: operationPath('readDetectionImage', { id: entry.id }),
    ...changes,
  };
}

export function sampleEvent(
  capturedMs: number,
  detections: DetectionEntry[],
  changes: Partial<DetectionEvent> = {},
): DetectionEvent {
  return {
    type: 'detection',
    at: timeAfter(capturedMs + 50),
    cameraId: 'door',
    capturedAt: timeAfter(capturedMs),
    sequence: 1,
    frame: { width: 640, height: 360 },
    detectors: ['motion', 'person'],
    detections,
    ...changes,
  };
}

export const sampleStartMs = Date.parse('2026-01-01T00:00:00.000Z');

export function timeAfter(milliseconds: number): string {
  return new Date(sampleStartMs + milliseconds).toISOString();
}

function uuid(kind: number, number: number): string {
  return `0000000${kind}-0000-4000-8000-${String(number).padStart(12, '0')}`;
}
