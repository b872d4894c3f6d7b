import type { DetectorName } from '@camplane/contracts/camera';
import type { DetectionEntry, DetectionResult } from '@camplane/contracts/detection';
import { boxMaxAgeMs, withoutCoveredMotion } from '@camplane/contracts/shown-boxes';

/** A result as this page heard it. Times are milliseconds since the epoch, by the server's clock. */
export type HeardResult = Pick<DetectionResult, 'detectors' | 'detections'> & {
  capturedMs: number;
  heardMs: number;
};

/** What is known of the screen at one moment, by the server's clock: the time, and that of the picture shown. */
export type Screen = { nowMs: number; pictureMs: number };

export type BoxesShown = {
  entries: DetectionEntry[];
  /** Of the latest result that is shown; null while none is. */
  capturedMs: number | null;
  /** Something is shown that will age, or waits for its picture: look again with the next picture. */
  pending: boolean;
};

/** A result so late says nothing of the picture that is on the screen by now. */
export const boxMaxLateMs = 2000;
/** Pictures that are shown later than this are of no live transport. */
const keptMs = 30_000;
const keptMax = 512;

/** The results with a new one; those that nothing will ask for again are left out. */
export function withResult(results: readonly HeardResult[], result: HeardResult): readonly HeardResult[] {
  const kept = results.filter(({ heardMs }) => result.heardMs - heardMs < keptMs);
  return [...kept.slice(-(keptMax - 1)), result];
}

/**
 * The boxes that belong to the picture on the screen: of each detector its latest word about that picture or one
 * before it. A result that comes after its picture was shown counts from the moment it came.
 */
export function boxesAt(results: readonly HeardResult[], screen: Screen): BoxesShown {
  const latest = new Map<DetectorName, HeardResult>();
  let pending = false;
  for (const result of results) {
    const dueMs = dueAt(result, screen);
    if (dueMs > screen.pictureMs) pending = true;
    if (dueMs > screen.pictureMs || dueMs - result.capturedMs > boxMaxLateMs) continue;
    for (const detector of result.detectors) {
      const before = latest.get(detector);
      // What overtook it on the way is newer all the same.
      if (!before || before.capturedMs <= result.capturedMs) latest.set(detector, result);
    }
  }
  const current = [...latest].filter(([, said]) => screen.pictureMs - dueAt(said, screen) < boxMaxAgeMs);
  const entries = current.flatMap(([name, said]) =>
    said.detections.filter(({ detector }) => detector === name),
  );
  return {
    entries: withoutCoveredMotion(entries),
    capturedMs: entries.length === 0 ? null : Math.max(...current.map(([, said]) => said.capturedMs)),
    pending: pending || entries.length > 0,
  };
}

function dueAt({ capturedMs, heardMs }: HeardResult, { nowMs, pictureMs }: Screen): number {
  const delayMs = nowMs - pictureMs;
  return Math.max(capturedMs, heardMs - delayMs);
}
