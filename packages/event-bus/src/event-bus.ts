import type { JsonTopic } from '@camplane/contracts/topics';

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
};

export type BusHandler<T> = (message: BusMessage<T>) => Promise<void> | void;

export type Subscription = {
  /** Once it resolves, the handler is not called again. */
  close(): Promise<void>;
};

/**
 * Messages of typed topics. The order of one key's messages is kept, and a message is delivered at least once: a
 * handler may see one again and must be idempotent. A handler that fails is called again with the same message after
 * a short pause, a few times; then the message is given up, counted and logged, and the next one comes. Queues are
 * bounded: where a subscriber is too slow, messages are lost by the rule of the adapter, and counted.
 */
export type EventBus = {
  /**
   * Resolves once the bus has taken the message over, not once it is delivered.
   *
   * @throws {BusError} kind `invalid-value` (the topic's schema refused the value) or `closed`
   */
  publish<T>(
    topic: JsonTopic<T>,
    key: string,
    value: T,
    headers?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** @throws {BusError} kind `closed` */
  subscribe<T>(topic: JsonTopic<T>, options: SubscribeOptions, handler: BusHandler<T>): Promise<Subscription>;
  /** Closes every subscription and refuses whatever comes after. */
  close(): Promise<void>;
};

export type BusErrorKind = 'invalid-value' | 'closed';

export class BusError extends Error {
  readonly kind: BusErrorKind;

  constructor(kind: BusErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'BusError';
    this.kind = kind;
  }
}

/** What can happen to a message; adapters count each by topic. `superseded`: a newer value of its key came first. */
export type BusEvent = 'published' | 'delivered' | 'superseded' | 'dropped' | 'retried' | 'failed';

/** The part of a logger that a bus needs. */
export type BusLog = {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};
