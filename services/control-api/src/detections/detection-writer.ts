import { CamplaneError } from '@camplane/contracts/problem';
import { RejectedMessage } from '@camplane/event-bus/event-bus';
import type { Metrics } from '@camplane/service-kit/metrics';
import { setTimeout as delay } from 'node:timers/promises';
import { asError } from '@camplane/runtime/as-error';
import { isDataRejected } from '../store/store-error.ts';
import type { AcceptedResult } from './accepted-result.ts';

const retryFirstMs = 250;
const retryMaxMs = 5_000;

export type WriterLimits = {
  /** Maximum results in a batch. */
  batchMaxResults: number;
  /** Maximum rows in a batch, unless one result alone has more. */
  batchMaxRows: number;
  /** How long an incomplete batch waits for more results. */
  lingerMs: number;
  /** Maximum rows waiting to be stored. */
  waitingMaxRows: number;
};

/** Stores results in batches, and retries while the database is unavailable until they are stored or it is closed. */
export type DetectionWriter = {
  /** Resolves when fewer than `waitingMaxRows` are waiting. Rejects once closed. */
  room(): Promise<void>;
  /**
   * Resolves once the result is stored.
   *
   * @throws RejectedMessage if the database refuses the data
   * @throws CamplaneError `store-unavailable` if the writer is closed before the result is stored
   */
  add(result: AcceptedResult): Promise<void>;
  /** Stores waiting results until the deadline. @returns the number of results that were not stored */
  close(deadlineMs: number): Promise<number>;
};

type Entry = {
  result: AcceptedResult;
  rows: number;
  settle: { resolve(): void; reject(error: Error): void };
};

type WriterLog = { info(fields: object, message: string): void; warn(fields: object, message: string): void };

export function createDetectionWriter(deps: {
  insert: (results: readonly AcceptedResult[]) => Promise<number>;
  limits: WriterLimits;
  log: WriterLog;
  metrics: Metrics;
  random?: () => number;
}): DetectionWriter {
  const { insert, limits, log, random = Math.random } = deps;
  const counters = declareMetrics(deps.metrics, () => waitingRows);
  const closing = new AbortController();
  const waiting = new Set<Entry>();
  let waitingRows = 0;
  /** Callers of `room`, in order. */
  const roomWaiters: (() => void)[] = [];
  let working: Promise<void> | undefined;
  let isUnavailable = false;
  let isAborted = false;

  const hasRoom = (): boolean => waitingRows < limits.waitingMaxRows || closing.signal.aborted;

  const settle = (entry: Entry, error?: Error): void => {
    if (!waiting.delete(entry)) return;
    waitingRows -= entry.rows;
    if (error) entry.settle.reject(error);
    else entry.settle.resolve();
    while (roomWaiters.length > 0 && hasRoom()) roomWaiters.shift()?.();
  };

  const noteUnavailable = (error: unknown, batch: readonly Entry[]): void => {
    if (isUnavailable) return;
    isUnavailable = true;
    counters.outages.inc();
    log.warn({ reason: reasonOf(error), results: batch.length }, 'detections not stored, will retry');
  };

  const noteAvailable = (): void => {
    if (!isUnavailable) return;
    isUnavailable = false;
    log.info({ waitingRows }, 'detections stored again');
  };

  /** Stores a batch, with retries until it is stored or the deadline of `close` has passed. */
  const write = async (batch: readonly Entry[]): Promise<void> => {
    for (let pauseMs = retryFirstMs; !isAborted; pauseMs = Math.min(pauseMs * 2, retryMaxMs)) {
      try {
        const rows = batch.reduce((sum, entry) => sum + entry.result.detections.length, 0);
        const stored = await insert(batch.map(({ result }) => result));
        counters.detections.inc({ outcome: 'stored' }, stored);
        counters.detections.inc({ outcome: 'duplicate' }, rows - stored);
        noteAvailable();
        return batch.forEach((entry) => settle(entry));
      } catch (error) {
        if (error instanceof CamplaneError && isDataRejected(error)) return isolate(batch, error);
        noteUnavailable(error, batch);
      }
      // Retry faster while closing.
      const longestMs = closing.signal.aborted ? retryFirstMs : pauseMs;
      await pause(longestMs * (0.5 + random() / 2), closing.signal);
    }
  };

  /** Splits a batch until the refused result is alone; the others are stored. */
  const isolate = async (batch: readonly Entry[], error: CamplaneError): Promise<void> => {
    const [first, ...others] = batch;
    if (first && others.length === 0) {
      counters.detections.inc({ outcome: 'refused' }, first.result.detections.length);
      return settle(first, new RejectedMessage(`the database refused it: ${reasonOf(error)}`));
    }
    const middle = Math.ceil(batch.length / 2);
    await write(batch.slice(0, middle));
    await write(batch.slice(middle));
  };

  const work = async (): Promise<void> => {
    while (waiting.size > 0 && !isAborted) {
      if (waiting.size < limits.batchMaxResults) await pause(limits.lingerMs, closing.signal);
      await write(nextBatch(waiting, limits));
    }
  };

  const begin = (): void => {
    working ??= work().finally(() => {
      working = undefined;
      if (waiting.size > 0 && !isAborted) begin();
    });
  };

  return {
    room: async () => {
      if (!hasRoom()) await new Promise<void>((resolve) => roomWaiters.push(resolve));
      if (closing.signal.aborted) throw closedError();
    },
    add: (result) =>
      new Promise((resolve, reject) => {
        if (closing.signal.aborted) return reject(closedError());
        if (result.detections.length === 0) return resolve();
        const rows = result.detections.length;
        waiting.add({ result, rows, settle: { resolve, reject } });
        waitingRows += rows;
        begin();
      }),
    close: async (deadlineMs) => {
      closing.abort();
      for (const wake of roomWaiters.splice(0)) wake();
      const done = new AbortController();
      await Promise.race([working, pause(deadlineMs, done.signal)]);
      done.abort();
      isAborted = true;
      const lost = [...waiting];
      for (const entry of lost) settle(entry, closedError());
      return lost.length;
    },
  };
}

/** The oldest waiting results that fit into one batch. */
function nextBatch(waiting: ReadonlySet<Entry>, limits: WriterLimits): Entry[] {
  const batch: Entry[] = [];
  let rows = 0;
  for (const entry of waiting) {
    rows += entry.rows;
    if (batch.length > 0 && (batch.length === limits.batchMaxResults || rows > limits.batchMaxRows)) break;
    batch.push(entry);
  }
  return batch;
}

function declareMetrics(metrics: Metrics, waitingRows: () => number) {
  metrics.gauge({
    name: 'camplane_detections_waiting',
    help: 'Detections waiting to be stored',
    collect() {
      this.set(waitingRows());
    },
  });
  return {
    detections: metrics.counter({
      name: 'camplane_detections_total',
      help: 'Detections by outcome: stored, duplicate (stored before), refused by the database',
      labelNames: ['outcome'],
    }),
    outages: metrics.counter({
      name: 'camplane_detection_store_outages_total',
      help: 'Periods in which detections could not be stored',
    }),
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  // An aborted signal must not remove the pause between attempts.
  if (signal.aborted) return delay(ms);
  return delay(ms, undefined, { signal }).catch(() => undefined);
}

function closedError(): CamplaneError {
  return new CamplaneError('store-unavailable', 'The service is stopping');
}

function reasonOf(error: unknown): string {
  const { cause, message } = asError(error);
  return cause instanceof Error ? cause.message : message;
}
