import type { Topic } from '@camplane/contracts/topic';

/** A message to publish. */
export type Outgoing = {
  topic: Topic<unknown>;
  key: string;
  body: Uint8Array;
  headers: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  publishedAt: number;
  /** The broker rejected its batch as too large: send it alone, to find the cause. */
  alone: boolean;
  /** Its publisher no longer waits. */
  settled: boolean;
  resolve: () => void;
  reject: (error: Error) => void;
};

export type PublishQueueLimits = {
  /** Maximum waiting messages and bytes per topic, so that one topic cannot fill the queue of another. */
  maxMessages: number;
  maxBytes: number;
};

const batchMessagesMax = 500;

/** The messages that wait for the broker, in order within each topic. Pure. */
export class PublishQueue {
  readonly #limits: PublishQueueLimits;
  readonly #topics = new Map<string, { waiting: Outgoing[]; bytes: number }>();

  constructor(limits: PublishQueueLimits) {
    this.#limits = limits;
  }

  get length(): number {
    let length = 0;
    for (const { waiting } of this.#topics.values()) length += waiting.length;
    return length;
  }

  /** `full`: not added. */
  add(message: Outgoing): 'queued' | 'full' {
    const topic = this.#topicOf(message);
    const { maxMessages, maxBytes } = this.#limits;
    const bytes = topic.bytes + message.body.byteLength;
    if (topic.waiting.length >= maxMessages || (bytes > maxBytes && topic.waiting.length > 0)) return 'full';
    topic.waiting.push(message);
    topic.bytes = bytes;
    return 'queued';
  }

  /** Removes the next batch of each topic. A broker applies the maximum message size to a whole batch. */
  takeBatch(): Outgoing[] {
    return [...this.#topics.values()].flatMap((topic) => {
      const { waiting } = topic;
      let bytes = 0;
      let count = 0;
      for (const message of waiting.slice(0, batchMessagesMax)) {
        bytes += message.body.byteLength;
        if (count > 0 && (bytes > message.topic.maxBytes || message.alone || waiting[0]?.alone)) break;
        count += 1;
      }
      const batch = waiting.splice(0, count);
      for (const { body } of batch) topic.bytes -= body.byteLength;
      return batch;
    });
  }

  /** Returns unsent messages to the front of the queue. May exceed the limits temporarily. */
  putBack(messages: readonly Outgoing[]): void {
    for (const message of messages.toReversed()) {
      const topic = this.#topicOf(message);
      topic.waiting.unshift(message);
      topic.bytes += message.body.byteLength;
    }
  }

  remove(message: Outgoing): void {
    const topic = this.#topicOf(message);
    const place = topic.waiting.indexOf(message);
    if (place === -1) return;
    topic.waiting.splice(place, 1);
    topic.bytes -= message.body.byteLength;
  }

  #topicOf({ topic: { name } }: Outgoing): { waiting: Outgoing[]; bytes: number } {
    const topic = this.#topics.get(name) ?? { waiting: [], bytes: 0 };
    this.#topics.set(name, topic);
    return topic;
  }
}
