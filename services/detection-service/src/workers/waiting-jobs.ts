import type { Clock } from '@camplane/runtime/clock';
import { DetectError } from './detect-error.ts';
import type { Job } from './running-thread.ts';
import type { DetectRequest, DetectResponse } from './worker-messages.ts';

/** The bounded queue of requests that wait for a thread. */
export function createWaitingJobs(waitingMax: number, clock: Clock) {
  const jobs: Job[] = [];
  return {
    /** Rejects with a {@link DetectError} `overloaded` if the queue is full, or after `maxMs` in it. */
    add(request: DetectRequest, maxMs: number): Promise<DetectResponse> {
      return new Promise((resolve, reject) => {
        if (jobs.length >= waitingMax) {
          return reject(new DetectError('overloaded', `${waitingMax} frames are waiting`));
        }
        const job: Job = { request, resolve, reject, cancelTimer: () => {} };
        job.cancelTimer = clock.setTimer(maxMs, () => {
          jobs.splice(jobs.indexOf(job), 1);
          reject(new DetectError('overloaded', `no worker was free within ${maxMs} ms`));
        });
        jobs.push(job);
      });
    },
    first: (): Job | undefined => jobs[0],
    shift: (): Job | undefined => jobs.shift(),
    failAll(kind: 'closed', message: string): void {
      for (const job of jobs.splice(0)) {
        job.cancelTimer();
        job.reject(new DetectError(kind, message));
      }
    },
  };
}
