import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

type Scheduler = { pending: readonly unknown[]; scheduleCheckPendingRequests(): void };

let mended = false;

/**
 * kafkajs 2.2.4 sets a timer after every answer though no request waits, and its time is then some 50 years ago: Node
 * 24 warns of it, on the standard error of every service. Where nothing waits there is nothing to look after.
 */
export function withoutNegativeTimeouts(): void {
  if (mended) return;
  mended = true;
  const scheduler = RequestQueue.prototype as Scheduler;
  const schedule = scheduler.scheduleCheckPendingRequests;
  scheduler.scheduleCheckPendingRequests = function (this: Scheduler) {
    if (this.pending.length > 0) schedule.call(this);
  };
}
