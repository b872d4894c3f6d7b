import { PendingQueue } from '../pending-queue.ts';
import { runWorkers } from '../workers.ts';
import { OffsetTracker } from './offset-tracker.ts';

/** A message as received from the broker. */
export type KafkaRecord = {
  partition: number;
  offset: number;
  key: string;
  /** Null: a tombstone, which removes the key from a compacted topic. */
  body: Uint8Array | null;
  headers: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  publishedAt: number;
};

export type Batch = {
  partition: number;
  records: KafkaRecord[];
  /** The last offset of the batch, which may be after the last record. */
  lastOffset: number;
  /** The offset of the partition's next message. */
  highWatermark: number;
};

export type ConsumptionOptions = {
  /** Concurrent messages. */
  concurrency: number;
  /** Fetching should pause at this many unfinished messages or bytes. Batches in flight are still accepted. */
  maxMessages: number;
  maxBytes: number;
  /** Returns true if the message is done, false if it was abandoned and must be redelivered. Must not throw. */
  work: (record: KafkaRecord, signal: AbortSignal) => Promise<boolean>;
  /** Called when `overloaded` changes. */
  onPressure: (overloaded: boolean) => void;
  /** Called with the number of messages that retention deleted before they were read. */
  onMissed: (count: number) => void;
};

type Partition = { tracker: OffsetTracker; highWatermark: number; fresh: boolean };
type Item = { key: string; record: KafkaRecord; partition: Partition };

export type Consumption = ReturnType<typeof createConsumption>;

/**
 * The unfinished messages of a group member: ordered by key, limited, with the progress of each partition. Independent of
 * the connection, so that it survives reconnects.
 */
export function createConsumption(options: ConsumptionOptions) {
  const { concurrency, maxMessages, maxBytes, onPressure, onMissed } = options;
  const partitions = new Map<number, Partition>();
  const queue = new PendingQueue<Item>({ compacted: false, maxPending: Infinity });
  const workers = runWorkers({ queue, concurrency, work });
  let takenMessages = 0;
  let takenBytes = 0;
  let overloaded = false;

  async function work({ record, partition }: Item, signal: AbortSignal): Promise<void> {
    const done = await options.work(record, signal);
    if (done) partition.tracker.done(record.offset);
    count(record, -1);
  }

  function count({ body }: KafkaRecord, sign: 1 | -1): void {
    takenMessages += sign;
    takenBytes += sign * (body?.byteLength ?? 0);
    const isOver = takenMessages >= maxMessages || takenBytes >= maxBytes;
    // Hysteresis: resume at half the limit, so that fetching does not toggle with every message.
    const isEased = takenMessages <= maxMessages / 2 && takenBytes <= maxBytes / 2;
    if (overloaded ? !isEased : !isOver) return;
    overloaded = isOver;
    onPressure(overloaded);
  }

  function discard(isObsolete: (item: Item) => boolean): void {
    for (const { record } of queue.discard(isObsolete)) count(record, -1);
  }

  return {
    /** Sets the partitions of a new group generation. Waiting messages of other partitions are discarded. */
    assign(assigned: readonly number[]): void {
      for (const number of partitions.keys()) if (!assigned.includes(number)) partitions.delete(number);
      for (const number of assigned) {
        const partition = partitions.get(number);
        if (partition) partition.fresh = true;
        else partitions.set(number, { tracker: new OffsetTracker(), highWatermark: 0, fresh: true });
      }
      discard((item) => partitions.get(item.record.partition) !== item.partition);
      workers.hold(false);
    },

    /** A rebalance is starting: running work continues, no new work starts. */
    hold: () => workers.hold(true),

    accept({ partition: number, records, lastOffset, highWatermark }: Batch): void {
      const partition = partitions.get(number);
      if (!partition) return;
      const { tracker } = partition;
      const first = records[0]?.offset ?? lastOffset + 1;
      const expected = tracker.next;
      if (expected !== undefined && first > expected && !partition.fresh) onMissed(first - expected);
      if (partition.fresh) {
        // The first batch of a generation starts at the committed offset: everything before it is done.
        tracker.forgetBefore(first);
        discard((item) => item.partition === partition && item.record.offset < first);
        partition.fresh = false;
      }
      for (const record of records) {
        if (!tracker.take(record.offset)) continue;
        count(record, 1);
        queue.push({ key: `${number}/${record.key}`, record, partition });
        workers.wake();
      }
      tracker.skipTo(lastOffset + 1);
      partition.highWatermark = highWatermark;
    },

    /** Offsets that may be committed and were not yet. */
    uncommitted(): { partition: number; offset: number }[] {
      return [...partitions].flatMap(([partition, { tracker }]) => {
        const offset = tracker.uncommitted;
        return offset === undefined ? [] : [{ partition, offset }];
      });
    },

    committed(offsets: readonly { partition: number; offset: number }[]): void {
      for (const { partition, offset } of offsets) partitions.get(partition)?.tracker.committed(offset);
    },

    /** Unfinished messages of the assigned partitions, by the last known high watermarks. */
    lag(): number {
      let messages = 0;
      for (const { tracker, highWatermark } of partitions.values()) {
        messages += Math.max(0, highWatermark - (tracker.position ?? highWatermark));
      }
      return messages;
    },

    get overloaded(): boolean {
      return overloaded;
    },

    /** Starts no new work and waits for the running; false if that exceeded the deadline. */
    close: (deadlineMs: number): Promise<boolean> => workers.close(deadlineMs),
  };
}
