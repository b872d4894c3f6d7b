import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

type Scheduler = { pending: readonly unknown[]; scheduleCheckPendingRequests(): void };

let isPatched = false;

/**
 * Patches kafkajs 2.2.4, which after every response sets a timer about 50 years in the past if no request is pending.
 * Node.js 24 warns about it on standard error. Without a pending request the timer is not needed.
 */
export function withoutNegativeTimeouts(): void {
  if (isPatched) return;
  isPatched = true;
  const scheduler = RequestQueue.prototype as Scheduler;
  const schedule = scheduler.scheduleCheckPendingRequests;
  scheduler.scheduleCheckPendingRequests = function (this: Scheduler) {
    if (this.pending.length > 0) schedule.call(this);
  };
}
