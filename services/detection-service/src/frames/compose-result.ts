import type { DetectorName } from '@camplane/contracts/camera';
import { detectionsPerResultMax, resultPictureMaxBytes } from '@camplane/contracts/detection';
import type { DetectionResult, Found } from '@camplane/contracts/detection';
import type { Frame } from '@camplane/contracts/frame';
import { track } from '../tracking/tracker.ts';
import { uuidOf } from '../tracking/uuid-of.ts';
import type { CameraMemory } from './camera-memory.ts';

export type Finding = { detector: DetectorName; found: readonly Found[] };

/** A picture travels with a result at most so often, unless something appears that was not there before. */
const pictureIntervalMs = 450;

/**
 * What is told of a frame, if anything, and what is to be remembered of it. Pure.
 *
 * @param source whose tracks go on: those of the workers' detectors, or of the AI service
 * @param findings of the detectors that looked
 * @param size of the picture that was looked at
 */
export function composeResult(
  memory: Pick<CameraMemory, 'shown' | 'tracks' | 'pictureAt'>,
  {
    cameraId,
    frame,
    source,
    findings,
    size,
  }: {
    cameraId: string;
    frame: Frame;
    source: 'worker' | 'http';
    findings: readonly Finding[];
    size: { width: number; height: number };
  },
): { memory: Pick<CameraMemory, 'shown' | 'tracks' | 'pictureAt'>; result: DetectionResult | null } {
  const { capturedAt, sequence } = frame;
  const told = surest(findings);
  const tracked = track(
    memory.tracks[source],
    told.map(({ detector, label, boundingBox }) => ({ kind: `${detector}/${label}`, box: boundingBox })),
    {
      aspect: size.width / size.height,
      now: capturedAt,
      newId: (index) => uuidOf(cameraId, capturedAt, sequence, source, 'track', index),
    },
  );
  const known = new Set(memory.tracks[source].map(({ id }) => id));
  const detections = told.map(({ index, ...entry }, place) => ({
    id: uuidOf(cameraId, capturedAt, sequence, entry.detector, index),
    ...entry,
    trackId: tracked.ids[place] ?? '',
  }));

  // A detector that is no longer wanted has nothing to show any more either.
  const unwanted = [...memory.shown].filter((name) => !wantedDetectors(frame).includes(name));
  const looked = [...new Set([...findings.map(({ detector }) => detector), ...unwanted])];
  const shown = new Set([...memory.shown].filter((name) => !looked.includes(name)));
  for (const { detector } of detections) shown.add(detector);
  const hasGone = looked.some((name) => memory.shown.has(name) && !shown.has(name));
  const isTold = looked.length > 0 && (detections.length > 0 || hasGone);

  const isNew = tracked.ids.some((id) => !known.has(id));
  const isDue = memory.pictureAt === null || Math.abs(capturedAt - memory.pictureAt) >= pictureIntervalMs;
  const hasPicture =
    detections.length > 0 && (isNew || isDue) && frame.jpeg.byteLength <= resultPictureMaxBytes;
  return {
    memory: {
      shown,
      tracks: { ...memory.tracks, [source]: tracked.tracks },
      pictureAt: hasPicture ? capturedAt : memory.pictureAt,
    },
    result: isTold
      ? {
          cameraId,
          capturedAt: new Date(capturedAt).toISOString(),
          sequence,
          frame: { width: size.width, height: size.height },
          detectors: looked,
          detections,
          picture: hasPicture ? base64Of(frame.jpeg) : null,
        }
      : null,
  };
}

/** None where detection is off. */
export function wantedDetectors({ detection }: Pick<Frame, 'detection'>): DetectorName[] {
  return detection.enabled ? [...new Set(detection.detectors)] : [];
}

/** Each with its place in its detector's findings, which its id is made of. */
function surest(findings: readonly Finding[]) {
  return findings
    .flatMap(({ detector, found }) => found.map((one, index) => ({ ...one, detector, index })))
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, detectionsPerResultMax);
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
