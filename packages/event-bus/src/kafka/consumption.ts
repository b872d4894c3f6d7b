import { PendingQueue } from '../pending-queue.ts';
import { runWorkers } from '../workers.ts';
import { OffsetTracker } from './offset-tracker.ts';

/** A message as the broker gave it. */
export type KafkaRecord = {
  partition: number;
  offset: number;
  key: string;
  /** Null: a tombstone, which says that a compacted topic holds nothing more of this key. */
  body: Uint8Array | null;
  headers: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  publishedAt: number;
};

export type Batch = {
  partition: number;
  records: KafkaRecord[];
  /** Of the last record, or of one after it that holds no message. */
  lastOffset: number;
  /** The offset that the partition's next message will have. */
  highWatermark: number;
};

export type ConsumptionOptions = {
  /** Messages at work at a time. */
  concurrency: number;
  /** Messages and bytes taken and not done from which on no more are fetched. What was fetched still comes. */
  maxMessages: number;
  maxBytes: number;
  /** True: done, and its offset may move on. False: abandoned, and it will be given again. Must not throw. */
  work: (record: KafkaRecord, signal: AbortSignal) => Promise<boolean>;
  /** Whether there is more than enough to do; called when that changes. */
  onPressure: (overloaded: boolean) => void;
  /** Messages that retention has deleted before they were read. */
  onMissed: (count: number) => void;
};

type Partition = { tracker: OffsetTracker; highWatermark: number; fresh: boolean };
type Item = { key: string; record: KafkaRecord; partition: Partition };

export type Consumption = ReturnType<typeof createConsumption>;

/**
 * What a member of a group has taken from its partitions and not yet done: lanes by key, limits, and how far each
 * partition is done. Knows nothing of a connection, and outlives those that break.
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
    // Half of it done before more is fetched: one message more or less would stop and start it all the time.
    const isEased = takenMessages <= maxMessages / 2 && takenBytes <= maxBytes / 2;
    if (overloaded ? !isEased : !isOver) return;
    overloaded = isOver;
    onPressure(overloaded);
  }

  function discard(unwanted: (item: Item) => boolean): void {
    for (const { record } of queue.discard(unwanted)) count(record, -1);
  }

  return {
    /** The partitions of a new generation of the group. What was taken of the others is left to who has them now. */
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

    /** The group is about to share its partitions anew: what is at work goes on, nothing new is begun. */
    hold: () => workers.hold(true),

    accept({ partition: number, records, lastOffset, highWatermark }: Batch): void {
      const partition = partitions.get(number);
      if (!partition) return;
      const { tracker } = partition;
      const first = records[0]?.offset ?? lastOffset + 1;
      const expected = tracker.next;
      if (expected !== undefined && first > expected && !partition.fresh) onMissed(first - expected);
      if (partition.fresh) {
        // The first of a generation comes from where the group has committed: all before it is done.
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

    /** What may be committed and was not yet. */
    uncommitted(): { partition: number; offset: number }[] {
      return [...partitions].flatMap(([partition, { tracker }]) => {
        const offset = tracker.uncommitted;
        return offset === undefined ? [] : [{ partition, offset }];
      });
    },

    committed(offsets: readonly { partition: number; offset: number }[]): void {
      for (const { partition, offset } of offsets) partitions.get(partition)?.tracker.committed(offset);
    },

    /** Messages of this member's partitions that are not done, as far as the broker has told. */
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

    /** Begins nothing more and waits for what is at work; false where that took longer. */
    close: (deadlineMs: number): Promise<boolean> => workers.close(deadlineMs),
  };
}
