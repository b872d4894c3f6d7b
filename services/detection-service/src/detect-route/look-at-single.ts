import type { WallClock } from '@camplane/runtime/clock';
import { CamplaneError } from '@camplane/contracts/problem';
import { LookError } from '../workers/look-error.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { LookAtSingle } from './detect-routes.ts';

/** Has single pictures looked at by the workers, between the frames of cameras. */
export function createLookAtSingle(pool: Pick<WorkerPool, 'look'>, wallClock: WallClock): LookAtSingle {
  return async (jpeg, detectors, minConfidence) => {
    const { answers } = await pool
      .look({
        cameraId: null,
        capturedAt: wallClock.epochMs(),
        jpeg,
        detectors: [...detectors],
        minConfidence,
        zones: [],
      })
      .catch((error: unknown) => {
        throw error instanceof LookError ? problemOf(error) : error;
      });
    return answers.flatMap((answer) => {
      if (answer.outcome === 'looked') return answer.found;
      const reason =
        answer.outcome === 'failed' ? `failed: ${answer.message}` : 'did not look at the picture';
      throw new CamplaneError('detector-unavailable', `The detector ${answer.detector} ${reason}`);
    });
  };
}

function problemOf(error: LookError): CamplaneError {
  switch (error.kind) {
    case 'unreadable':
      return new CamplaneError('invalid-picture', `${error.message}: send a whole JPEG or PNG`, {
        cause: error,
      });
    case 'overloaded':
      return new CamplaneError('too-many-requests', 'The workers have enough to do: try again', {
        cause: error,
      });
    case 'worker-lost':
    case 'timeout':
    case 'failed':
    case 'closed':
      return new CamplaneError('detector-unavailable', `The picture was not looked at: ${error.message}`, {
        cause: error,
      });
  }
}
