import type { WallClock } from '@camplane/runtime/clock';
import { CamplaneError } from '@camplane/contracts/problem';
import { DetectError } from '../workers/detect-error.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { DetectInImage } from './detect-routes.ts';

/** Runs detectors on single images in the workers, between the frames of cameras. */
export function createImageDetection(pool: Pick<WorkerPool, 'detect'>, wallClock: WallClock): DetectInImage {
  return async (jpeg, detectors, minConfidence) => {
    const { results } = await pool
      .detect({
        cameraId: null,
        capturedAt: wallClock.epochMs(),
        jpeg,
        detectors: [...detectors],
        minConfidence,
        zones: [],
      })
      .catch((error: unknown) => {
        throw error instanceof DetectError ? problemOf(error) : error;
      });
    return results.flatMap((result) => {
      if (result.outcome === 'detected') return result.found;
      const reason = result.outcome === 'failed' ? `failed: ${result.message}` : 'skipped the image';
      throw new CamplaneError('detector-unavailable', `The detector ${result.detector} ${reason}`);
    });
  };
}

function problemOf(cause: DetectError): CamplaneError {
  switch (cause.kind) {
    case 'unreadable':
      return new CamplaneError('invalid-picture', `${cause.message}: send a complete JPEG or PNG`, { cause });
    case 'overloaded':
      return new CamplaneError('too-many-requests', 'All workers are busy: try again', { cause });
    case 'worker-lost':
    case 'timeout':
    case 'failed':
    case 'closed':
      return new CamplaneError('detector-unavailable', `Detection failed: ${cause.message}`, { cause });
  }
}
