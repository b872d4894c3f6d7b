import type { DetectorName } from '@camplane/contracts/camera';
import { detectionsPerResultMax, resultPictureMaxBytes } from '@camplane/contracts/detection';
import type { DetectionResult, Found } from '@camplane/contracts/detection';
import type { Frame } from '@camplane/contracts/frame';
import { track } from '../tracking/tracker.ts';
import { uuidOf } from '../tracking/uuid-of.ts';
import type { CameraState } from './camera-states.ts';

export type Finding = { detector: DetectorName; found: readonly Found[] };

/** Minimum interval between results with an image, except when a new object appears. */
const imageIntervalMs = 450;

/**
 * The result to publish for a frame, if any, and the camera's new state. Pure.
 *
 * @param source whose tracks continue: those of the workers' detectors or of the AI service
 * @param findings of the detectors that ran
 * @param size of the decoded frame
 */
export function composeResult(
  state: Pick<CameraState, 'shown' | 'tracks' | 'imageAt'>,
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
): { state: Pick<CameraState, 'shown' | 'tracks' | 'imageAt'>; result: DetectionResult | null } {
  const { capturedAt, sequence } = frame;
  const strongest = strongestOf(findings);
  const tracked = track(
    state.tracks[source],
    strongest.map(({ detector, label, boundingBox }) => ({ kind: `${detector}/${label}`, box: boundingBox })),
    {
      aspect: size.width / size.height,
      now: capturedAt,
      newId: (index) => uuidOf(cameraId, capturedAt, sequence, source, 'track', index),
    },
  );
  const known = new Set(state.tracks[source].map(({ id }) => id));
  const detections = strongest.map(({ index, ...entry }, place) => ({
    id: uuidOf(cameraId, capturedAt, sequence, entry.detector, index),
    ...entry,
    trackId: tracked.ids[place] ?? '',
  }));

  // A detector that was disabled shows nothing any more.
  const disabled = [...state.shown].filter((name) => !enabledDetectors(frame).includes(name));
  const updated = [...new Set([...findings.map(({ detector }) => detector), ...disabled])];
  const shown = new Set([...state.shown].filter((name) => !updated.includes(name)));
  for (const { detector } of detections) shown.add(detector);
  const hasGone = updated.some((name) => state.shown.has(name) && !shown.has(name));
  const isPublished = updated.length > 0 && (detections.length > 0 || hasGone);

  const isNew = tracked.ids.some((id) => !known.has(id));
  const isDue = state.imageAt === null || Math.abs(capturedAt - state.imageAt) >= imageIntervalMs;
  const hasImage =
    detections.length > 0 && (isNew || isDue) && frame.jpeg.byteLength <= resultPictureMaxBytes;
  return {
    state: {
      shown,
      tracks: { ...state.tracks, [source]: tracked.tracks },
      imageAt: hasImage ? capturedAt : state.imageAt,
    },
    result: isPublished
      ? {
          cameraId,
          capturedAt: new Date(capturedAt).toISOString(),
          sequence,
          frame: { width: size.width, height: size.height },
          detectors: updated,
          detections,
          picture: hasImage ? base64Of(frame.jpeg) : null,
        }
      : null,
  };
}

/** Empty where detection is disabled. */
export function enabledDetectors({ detection }: Pick<Frame, 'detection'>): DetectorName[] {
  return detection.enabled ? [...new Set(detection.detectors)] : [];
}

/** With the index in its detector's findings, which is part of the detection's id. */
function strongestOf(findings: readonly Finding[]) {
  return findings
    .flatMap(({ detector, found }) => found.map((one, index) => ({ ...one, detector, index })))
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, detectionsPerResultMax);
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
