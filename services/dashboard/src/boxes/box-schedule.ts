import type { DetectorName } from '@camplane/contracts/camera';
import type { DetectionEntry, DetectionResult } from '@camplane/contracts/detection';
import { boxMaxAgeMs, withoutCoveredMotion } from '@camplane/contracts/shown-boxes';

/** Times are milliseconds since the epoch, by the server's clock. */
export type ReceivedResult = Pick<DetectionResult, 'detectors' | 'detections'> & {
  capturedMs: number;
  receivedMs: number;
};

/** The current time, and when the frame on screen was taken; both by the server's clock. */
export type Screen = { nowMs: number; frameTimeMs: number };

export type BoxesShown = {
  entries: DetectionEntry[];
  /** Of the latest result shown; null while none is. */
  capturedMs: number | null;
  /** A box is shown and will expire, or waits for its frame: call again for the next frame. */
  pending: boolean;
};

/** A later result no longer matches the frame on screen. */
export const boxMaxLateMs = 2000;
/** No live transport shows frames later than this. */
const keptMs = 30_000;
const keptMax = 512;

/** Appends a result and drops expired ones. */
export function withResult(
  results: readonly ReceivedResult[],
  result: ReceivedResult,
): readonly ReceivedResult[] {
  const kept = results.filter(({ receivedMs }) => result.receivedMs - receivedMs < keptMs);
  return [...kept.slice(-(keptMax - 1)), result];
}

/**
 * The boxes that belong to the frame on screen: each detector's latest result for that frame or an earlier one. A
 * result that arrives after its frame was shown counts from its arrival.
 */
export function boxesAt(results: readonly ReceivedResult[], screen: Screen): BoxesShown {
  const latest = new Map<DetectorName, ReceivedResult>();
  let pending = false;
  for (const result of results) {
    const dueMs = dueAt(result, screen);
    if (dueMs > screen.frameTimeMs) pending = true;
    if (dueMs > screen.frameTimeMs || dueMs - result.capturedMs > boxMaxLateMs) continue;
    for (const detector of result.detectors) {
      const before = latest.get(detector);
      // Results may arrive out of order.
      if (!before || before.capturedMs <= result.capturedMs) latest.set(detector, result);
    }
  }
  const current = [...latest].filter(
    ([, result]) => screen.frameTimeMs - dueAt(result, screen) < boxMaxAgeMs,
  );
  const entries = current.flatMap(([name, result]) =>
    result.detections.filter(({ detector }) => detector === name),
  );
  return {
    entries: withoutCoveredMotion(entries),
    capturedMs: entries.length === 0 ? null : Math.max(...current.map(([, result]) => result.capturedMs)),
    pending: pending || entries.length > 0,
  };
}

function dueAt({ capturedMs, receivedMs }: ReceivedResult, { nowMs, frameTimeMs }: Screen): number {
  const delayMs = nowMs - frameTimeMs;
  return Math.max(capturedMs, receivedMs - delayMs);
}
