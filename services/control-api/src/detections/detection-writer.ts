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
  /** A batch has at most so many results … */
  batchMaxResults: number;
  /** … and, but for its first result, so many rows: what one statement carries. */
  batchMaxRows: number;
  /** How long a result waits for others to join its batch. */
  lingerMs: number;
  /** Rows that may wait; a result counts as one at least. */
  waitingMaxRows: number;
};

/**
 * Stores results in batches. What it has taken it keeps, through every absence of the database, until it is stored
 * or the writer is closed.
 */
export type DetectionWriter = {
  /** Resolves when there is room for another result: at once, but while too many wait. Rejects once closed. */
  room(): Promise<void>;
  /**
   * Resolves once the result is stored.
   *
   * @throws RejectedMessage when the database refuses this result and would again
   * @throws CamplaneError `store-unavailable` when the writer is closed before the result is stored
   */
  add(result: AcceptedResult): Promise<void>;
  /** Stores what waits, for as long as the deadline lets it. @returns how many results were not stored */
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
  /** Those who wait for room, in their order. */
  const roomWanted: (() => void)[] = [];
  let working: Promise<void> | undefined;
  let isAway = false;
  let isGivenUp = false;

  const hasRoom = (): boolean => waitingRows < limits.waitingMaxRows || closing.signal.aborted;

  const settle = (entry: Entry, error?: Error): void => {
    if (!waiting.delete(entry)) return;
    waitingRows -= entry.rows;
    if (error) entry.settle.reject(error);
    else entry.settle.resolve();
    while (roomWanted.length > 0 && hasRoom()) roomWanted.shift()?.();
  };

  const noteAway = (error: unknown, batch: readonly Entry[]): void => {
    if (isAway) return;
    isAway = true;
    counters.outages.inc();
    log.warn(
      { reason: reasonOf(error), results: batch.length },
      'detections cannot be stored: they are kept, and stored when the database is back',
    );
  };

  const noteBack = (): void => {
    if (!isAway) return;
    isAway = false;
    log.info({ waitingRows }, 'detections are stored again');
  };

  /** Stores a batch, however long it takes; ends early only when the writer gives up. */
  const write = async (batch: readonly Entry[]): Promise<void> => {
    for (let pauseMs = retryFirstMs; !isGivenUp; pauseMs = Math.min(pauseMs * 2, retryMaxMs)) {
      try {
        const rows = batch.reduce((sum, entry) => sum + entry.result.detections.length, 0);
        const stored = await insert(batch.map(({ result }) => result));
        counters.detections.inc({ outcome: 'stored' }, stored);
        counters.detections.inc({ outcome: 'duplicate' }, rows - stored);
        noteBack();
        return batch.forEach((entry) => settle(entry));
      } catch (error) {
        if (error instanceof CamplaneError && isDataRejected(error)) return isolate(batch, error);
        noteAway(error, batch);
      }
      // While it closes, there is no time for long pauses.
      const longestMs = closing.signal.aborted ? retryFirstMs : pauseMs;
      await pause(longestMs * (0.5 + random() / 2), closing.signal);
    }
  };

  /** Halves a batch until the result that is refused stands alone; the others are stored. */
  const isolate = async (batch: readonly Entry[], error: CamplaneError): Promise<void> => {
    const [first, ...others] = batch;
    if (first && others.length === 0) {
      counters.detections.inc({ outcome: 'refused' }, first.result.detections.length);
      return settle(first, new RejectedMessage(`the database refuses it: ${reasonOf(error)}`));
    }
    const middle = Math.ceil(batch.length / 2);
    await write(batch.slice(0, middle));
    await write(batch.slice(middle));
  };

  const work = async (): Promise<void> => {
    while (waiting.size > 0 && !isGivenUp) {
      if (waiting.size < limits.batchMaxResults) await pause(limits.lingerMs, closing.signal);
      await write(nextBatch(waiting, limits));
    }
  };

  const begin = (): void => {
    working ??= work().finally(() => {
      working = undefined;
      if (waiting.size > 0 && !isGivenUp) begin();
    });
  };

  return {
    room: async () => {
      if (!hasRoom()) await new Promise<void>((resolve) => roomWanted.push(resolve));
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
      for (const wake of roomWanted.splice(0)) wake();
      const done = new AbortController();
      await Promise.race([working, pause(deadlineMs, done.signal)]);
      done.abort();
      isGivenUp = true;
      const lost = [...waiting];
      for (const entry of lost) settle(entry, closedError());
      return lost.length;
    },
  };
}

/** The oldest results that wait, as many as one statement takes. */
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
    help: 'Detections that wait to be stored',
    collect() {
      this.set(waitingRows());
    },
  });
  return {
    detections: metrics.counter({
      name: 'camplane_detections_total',
      help: 'Detections by what became of them: stored, duplicate (stored before), refused by the database',
      labelNames: ['outcome'],
    }),
    outages: metrics.counter({
      name: 'camplane_detection_store_outages_total',
      help: 'Times that detections could not be stored and had to wait',
    }),
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  // Under a signal that is aborted already a pause is still one: attempts must not follow each other at once.
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
