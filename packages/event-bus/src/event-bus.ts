import type { Topic } from '@camplane/contracts/topic';

export type BusMessage<T> = {
  key: string;
  value: T;
  headers: Readonly<Record<string, string>>;
  /** When it was published: milliseconds since 1970. */
  publishedAt: number;
};

export type SubscribeOptions = {
  /** Subscribers of one group share the messages, by key; each group receives all of them. */
  group: string;
  /** A new group begins with what the topic still holds: of a compacted topic, the latest value of each key. */
  fromBeginning?: boolean;
  /** Handlers at work at a time; 1 by default. Messages of one key are handled one after another all the same. */
  concurrency?: number;
  /**
   * In memory: messages of one key that may wait here; beyond it the oldest is dropped and counted. A broker keeps
   * what waits by itself.
   */
  maxPendingPerKey?: number;
};

export type BusHandler<T> = (message: BusMessage<T>) => Promise<void> | void;

export type Subscription = {
  /** Once it resolves, the handler is not called again. */
  close(): Promise<void>;
};

/**
 * Messages of typed topics. The order of one key's messages is kept, and a message is delivered at least once: a
 * handler may see one again and must be idempotent. A handler that fails is called again with the same message after
 * a short pause, a few times; then, or at once where it threw {@link RejectedMessage}, the message goes to the
 * dead-letter topic, is counted and logged, and the next one comes. So does what cannot be decoded. Queues are
 * bounded: where a subscriber is too slow, messages are lost by the rule of the adapter, and counted.
 */
export type EventBus = {
  /**
   * Resolves once the bus has taken the message over, not once it is delivered.
   *
   * @throws {BusError} kind `invalid-value` (the topic refused the value), `too-large`, `unavailable` (the broker did
   * not take it in time) or `closed`
   */
  publish<T>(
    topic: Topic<T>,
    key: string,
    value: T,
    headers?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** @throws {BusError} kind `closed` */
  subscribe<T>(topic: Topic<T>, options: SubscribeOptions, handler: BusHandler<T>): Promise<Subscription>;
  /** Closes every subscription and refuses whatever comes after. */
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

/** Thrown by a handler for a message that no further attempt can mend: it becomes a dead letter at once. */
export class RejectedMessage extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'RejectedMessage';
  }
}

/** What can happen to a message; adapters count each by topic. `superseded`: a newer value of its key came first. */
export type BusEvent =
  'published' | 'delivered' | 'superseded' | 'dropped' | 'retried' | 'failed' | 'dead-lettered';

/** The part of a logger that a bus needs. */
export type BusLog = {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};
