import type { Topic } from '@camplane/contracts/topic';

export type BusMessage<T> = {
  key: string;
  value: T;
  headers: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  publishedAt: number;
};

export type SubscribeOptions = {
  /** Subscribers of one group share the messages, by key; each group receives all of them. */
  group: string;
  /** A new group starts with the messages that the topic retains; of a compacted topic, the latest of each key. */
  fromBeginning?: boolean;
  /** Concurrent handlers; 1 by default. Messages of one key are always handled one after another. */
  concurrency?: number;
  /**
   * Maximum waiting messages per key, in memory only: beyond that, the oldest is dropped and counted. A broker retains
   * waiting messages itself.
   */
  maxPendingPerKey?: number;
};

export type BusHandler<T> = (message: BusMessage<T>) => Promise<void> | void;

export type Subscription = {
  /** The handler is not called after this has resolved. */
  close(): Promise<void>;
};

/**
 * Publish and subscribe over typed topics. Messages of one key are delivered in order and at least once, so handlers must
 * be idempotent. A handler that throws is retried a few times with short delays. After the last attempt, or at once for
 * {@link RejectedMessage}, the message is logged, counted and sent to the dead-letter topic, and the next one is
 * delivered. The same happens to messages that cannot be decoded. Queues are bounded: if a subscriber is too slow, the
 * adapter drops messages by its own rule and counts them.
 */
export type EventBus = {
  /**
   * Resolves once the bus has accepted the message, which is before it is delivered.
   *
   * @throws {BusError} kind `invalid-value` (does not match the topic's schema), `too-large`, `unavailable` (the broker
   * did not accept it in time) or `closed`
   */
  publish<T>(
    topic: Topic<T>,
    key: string,
    value: T,
    headers?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** @throws {BusError} kind `closed` */
  subscribe<T>(topic: Topic<T>, options: SubscribeOptions, handler: BusHandler<T>): Promise<Subscription>;
  /** Closes every subscription. Later calls are rejected. */
  close(): Promise<void>;
};

export type BusErrorKind = 'invalid-value' | 'too-large' | 'unavailable' | 'closed';

export class BusError extends Error {
  readonly kind: BusErrorKind;

  constructor(kind: BusErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'BusError';
    this.kind = kind;
  }
}

/** Thrown by a handler to send a message to the dead-letter topic without retries. */
export class RejectedMessage extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'RejectedMessage';
  }
}

/** What can happen to a message, counted by topic. `superseded`: replaced by a newer value of its key. */
export type BusEvent =
  'published' | 'delivered' | 'superseded' | 'dropped' | 'retried' | 'failed' | 'dead-lettered';

/** The part of a logger that a bus needs. */
export type BusLog = {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};
