import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadLetterReason } from '@camplane/contracts/dead-letter';
import type { Topic } from '@camplane/contracts/topic';
import { messageOf } from '@camplane/runtime/message-of';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { BusEvent, BusHandler, BusLog, SubscribeOptions, Subscription } from '../event-bus.ts';
import type { BrokerPresence } from './broker-presence.ts';
import { createConsumption } from './consumption.ts';
import type { Consumption } from './consumption.ts';
import { deliverRecord } from './deliver-record.ts';
import { runGroupSession } from './group-session.ts';
import { inTime } from './in-time.ts';
import type { KafkaAdmin } from './kafka-admin.ts';
import { isConnectionError, refusalOf } from './kafka-client.ts';
import { createOffsetCommits } from './offset-commits.ts';
import type { Publisher } from './publisher.ts';
import { readBatch } from './read-record.ts';
import type { TopicKeeper } from './topic-keeper.ts';

export type KafkaSubscriptionOptions<T> = SubscribeOptions & {
  topic: Topic<T>;
  handler: BusHandler<T>;
  kafka: Kafka;
  admin: KafkaAdmin;
  topics: TopicKeeper;
  publisher: Publisher;
  presence: BrokerPresence;
  log: BusLog;
  onEvent: (event: BusEvent, reason?: DeadLetterReason) => void;
  onLag: (messages: number) => void;
  retryDelaysMs: readonly number[];
  closeDeadlineMs: number;
  /** Fetching pauses at this many unfinished messages, or bytes of them. */
  maxInFlight: number;
  maxInFlightBytes: number;
  now: () => number;
};

export type KafkaSubscription = Subscription & {
  /** Resolves once the group's start position is fixed: messages published from then on are delivered. */
  readonly positioned: Promise<void>;
};

const commitIntervalMs = 200;
const retryDelayMs = 500;
const commitTimeoutMs = 500;
const stopTimeoutMs = 1_000;

/**
 * One member of a consumer group until it is closed. Each connection to the group is a session; a failed session is
 * followed by another, and fetched messages are kept across them. kafkajs fetches and sends heartbeats without waiting
 * for handlers: {@link createConsumption} works through what it fetched.
 */
export function subscribeToKafka<T>(options: KafkaSubscriptionOptions<T>): KafkaSubscription {
  const { topic, topics, presence, log, group, onLag, fromBeginning = false } = options;
  const end = new AbortController();
  const positioned = Promise.withResolvers<void>();
  let isPositioned = false;
  let closing = false;
  /** Of the current session. */
  let consumer: Consumer | undefined;
  let memberId: string | undefined;

  const consumption = createSubscriptionConsumption(options, () => applyPressure());
  const commit = createOffsetCommits(topic.name, consumption, () => (isPositioned ? consumer : undefined));

  function applyPressure(): void {
    const isFetching = isPositioned && !consumption.overloaded && !closing;
    try {
      if (isFetching) consumer?.resume([{ topic: topic.name }]);
      else consumer?.pause([{ topic: topic.name }]);
    } catch {
      // Between two sessions: the next one applies it when it joins.
    }
  }

  async function run(): Promise<void> {
    let lastFailure: string | undefined;
    while (!end.signal.aborted) {
      try {
        await runOnce();
        lastFailure = undefined;
      } catch (error) {
        presence.down(error);
        if (refusalOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') topics.forget();
        const failure = messageOf(error);
        if (!isConnectionError(error) && failure !== lastFailure && !end.signal.aborted) {
          log.warn(
            { topic: topic.name, group, err: error, delayMs: retryDelayMs },
            'subscription failed, will retry',
          );
        }
        lastFailure = failure;
        await sleep(retryDelayMs, undefined, { signal: end.signal }).catch(() => undefined);
      }
    }
  }

  async function runOnce(): Promise<void> {
    await topics.ensure(topic);
    await runGroupSession({
      ...{ kafka: options.kafka, admin: options.admin, presence, fromBeginning, signal: end.signal },
      // Kafka assigns all topics of a group's members together, so each topic has its own group.
      groupId: `${group}.${topic.name}`,
      topic: topic.name,
      isPositioned: () => isPositioned,
      takeFormerMemberId() {
        const former = memberId;
        memberId = undefined;
        return former;
      },
      onJoin(member) {
        ({ consumer, memberId } = member);
        consumption.assign(member.assigned);
        // Keeps fetching paused until the start position is fixed.
        applyPressure();
      },
      onRebalancing() {
        consumption.hold();
        void commit();
      },
      onPositioned() {
        isPositioned = true;
        applyPressure();
        positioned.resolve();
      },
      onBatch: acceptBatch,
      onEnd() {
        consumer = undefined;
      },
    });
  }

  async function acceptBatch({ batch, resolveOffset, isRunning, isStale }: EachBatchPayload): Promise<void> {
    if (closing || !isRunning() || isStale()) return;
    consumption.accept(readBatch(batch));
    resolveOffset(batch.lastOffset());
    presence.up();
    onLag(consumption.lag());
  }

  const running = run();
  const commits = setInterval(() => {
    void commit();
    onLag(consumption.lag());
  }, commitIntervalMs);

  return {
    positioned: positioned.promise,
    async close() {
      if (closing) return;
      closing = true;
      applyPressure();
      const { closeDeadlineMs } = options;
      if (!(await consumption.close(closeDeadlineMs))) {
        log.warn({ topic: topic.name, group, closeDeadlineMs }, 'handler did not finish before the deadline');
      }
      clearInterval(commits);
      await inTime(commit(), commitTimeoutMs);
      end.abort();
      await inTime(running, stopTimeoutMs);
      onLag(0);
      positioned.resolve();
    },
  };
}

function createSubscriptionConsumption<T>(
  options: KafkaSubscriptionOptions<T>,
  onPressure: () => void,
): Consumption {
  const { topic, group, log, onEvent } = options;
  const sleepUntilAborted = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal });
  return createConsumption({
    concurrency: options.concurrency ?? 1,
    maxMessages: options.maxInFlight,
    maxBytes: options.maxInFlightBytes,
    work: (record, signal) => deliverRecord({ ...options, sleep: sleepUntilAborted }, record, signal),
    onPressure,
    onMissed(count) {
      // Compaction removes messages that a newer one of their key replaced: nothing is lost.
      if (topic.compacted) return;
      log.warn({ topic: topic.name, group, count }, 'messages expired before they were read');
      for (let i = 0; i < count; i++) onEvent('dropped');
    },
  });
}
