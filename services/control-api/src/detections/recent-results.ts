import type { DetectionResult } from '@camplane/contracts/detection';
import { LRUCache } from 'lru-cache';

/** Remembers the last `max` results, to detect redelivered ones. */
export function createRecentResults(max: number): { isNew(result: DetectionResult): boolean } {
  const seen = new LRUCache<string, true>({ max });
  return {
    isNew: ({ cameraId, capturedAt, sequence, detectors }) => {
      const name = [cameraId, capturedAt, sequence, ...detectors].join(' ');
      if (seen.has(name)) return false;
      seen.set(name, true);
      return true;
    },
  };
}
