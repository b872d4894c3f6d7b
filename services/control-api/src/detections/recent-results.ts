import type { DetectionResult } from '@camplane/contracts/detection';

/** Remembers the latest results, a bounded number of them, so that one delivered twice is told once. */
export function createRecentResults(max: number): { isNew(result: DetectionResult): boolean } {
  const seen = new Set<string>();
  return {
    isNew: ({ cameraId, capturedAt, sequence, detectors }) => {
      const name = [cameraId, capturedAt, sequence, ...detectors].join(' ');
      if (seen.has(name)) return false;
      seen.add(name);
      const [oldest] = seen;
      if (seen.size > max && oldest !== undefined) seen.delete(oldest);
      return true;
    },
  };
}
