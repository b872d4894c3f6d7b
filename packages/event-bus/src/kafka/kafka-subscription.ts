import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadLetterReason } from '@camplane/contracts/dead-letter';
import type { Topic } from '@camplane/contracts/topic';
import { whenAborted } from '@camplane/runtime/abort';
import { messageOf } from '@camplane/runtime/message-of';
import { PartitionAssigners } from 'kafkajs';
import type { Cluster, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { BusEvent, BusHandler, BusLog, SubscribeOptions, Subscription } from '../event-bus.ts';
import type { BrokerPresence } from './broker-presence.ts';
import { createConsumption } from './consumption.ts';
import { deliverRecord } from './deliver-record.ts';
import { inTime } from './in-time.ts';
import type { KafkaAdmin } from './kafka-admin.ts';
import { isConnectionError, refusalOf, requestRetry } from './kafka-client.ts';
import type { Publisher } from './publisher.ts';
import { readRecord } from './read-record.ts';
import { fixStartPositions } from './start-positions.ts';
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
  /** Messages and bytes taken and not done from which on no more are fetched. */
  maxInFlight: number;
  maxInFlightBytes: number;
  now: () => number;
};

export type KafkaSubscription = Subscription & {
  /** Resolves once the group's position is fixed: what is published from then on is delivered. */
  readonly positioned: Promise<void>;
};

/** Of kafkajs's broker, left out of its types. */
type Coordinator = { leaveGroup(member: { groupId: string; memberId: string }): Promise<unknown> };

const sessionTimeoutMs = 10_000;
const heartbeatIntervalMs = 2_000;
const rebalanceTimeoutMs = 15_000;
/** A member waits for others to join at most as long as a rebalance may take; without a sign for longer, it is stuck. */
const silenceMaxMs = 40_000;
const fetchWaitMs = 250;
const fetchPartitionMaxBytes = 1024 * 1024;
const fetchMaxBytes = 8 * 1024 * 1024;
const commitIntervalMs = 200;
const pauseAfterFailureMs = 500;
const commitTimeoutMs = 500;
const disconnectTimeoutMs = 1_000;

/**
 * One member of a group, for as long as it is not closed. Each connection to the group is one run; a run that fails is
 * followed by another, and what had been taken is kept over it. kafkajs fetches and keeps the membership alive, and
 * waits for no handler: what it fetched is worked off by {@link createConsumption}.
 */
export function subscribeToKafka<T>(options: KafkaSubscriptionOptions<T>): KafkaSubscription {
  const { topic, kafka, admin, topics, presence, log, onEvent, fromBeginning = false } = options;
  // A group of Kafka shares out all topics of its members together: each topic has a group of its own.
  const groupId = `${options.group}.${topic.name}`;
  const end = new AbortController();
  const positioned = Promise.withResolvers<void>();
  let isPositioned = false;
  let closing = false;
  /** Of the run that is going on. */
  let consumer: Consumer | undefined;
  let memberId: string | undefined;
  let committing: Promise<void> = Promise.resolve();

  const consumption = createConsumption({
    concurrency: options.concurrency ?? 1,
    maxMessages: options.maxInFlight,
    maxBytes: options.maxInFlightBytes,
    work: (record, signal) =>
      deliverRecord(
        { ...options, sleep: (ms, abort) => sleep(ms, undefined, { signal: abort }) },
        record,
        signal,
      ),
    onPressure: () => applyPressure(),
    onMissed(count) {
      // Compaction leaves out what a newer message has replaced: nothing is lost.
      if (topic.compacted) return;
      log.warn(
        { topic: topic.name, group: options.group, count },
        'messages were deleted before they were read',
      );
      for (let i = 0; i < count; i++) onEvent('dropped');
    },
  });

  function applyPressure(): void {
    const wanted = isPositioned && !consumption.overloaded && !closing;
    try {
      if (wanted) consumer?.resume([{ topic: topic.name }]);
      else consumer?.pause([{ topic: topic.name }]);
    } catch {
      // It is between two runs; the next one begins with this.
    }
  }

  function commit(): Promise<void> {
    committing = committing.then(async () => {
      const offsets = consumption.uncommitted();
      if (offsets.length === 0 || !consumer || !isPositioned) return;
      try {
        await consumer.commitOffsets(
          offsets.map(({ partition, offset }) => ({ topic: topic.name, partition, offset: String(offset) })),
        );
        consumption.committed(offsets);
      } catch {
        // The fetches of the same connection meet what is wrong with it; the next turn commits again.
      }
    });
    return committing;
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
            { topic: topic.name, group: options.group, err: error },
            'a subscription failed; it is tried again',
          );
        }
        lastFailure = failure;
        await sleep(pauseAfterFailureMs, undefined, { signal: end.signal }).catch(() => undefined);
      }
    }
  }

  /** Until it fails or the subscription ends. */
  async function runOnce(): Promise<void> {
    await topics.ensure(topic);
    const failed = Promise.withResolvers<never>();
    let cluster: Cluster | undefined;
    let lastSignAt = performance.now();
    let generation = 0;
    const mine = kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatIntervalMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      maxWaitTimeInMs: fetchWaitMs,
      maxBytesPerPartition: fetchPartitionMaxBytes,
      maxBytes: fetchMaxBytes,
      allowAutoTopicCreation: false,
      retry: { ...requestRetry, restartOnFailure: () => Promise.resolve(false) },
      partitionAssigners: [
        (configuration) => {
          cluster = configuration.cluster;
          return PartitionAssigners.roundRobin(configuration);
        },
      ],
    });
    const { events } = mine;
    mine.on(events.FETCH, () => void (lastSignAt = performance.now()));
    mine.on(events.HEARTBEAT, () => presence.up());
    mine.on(events.CRASH, ({ payload }) => failed.reject(payload.error));
    mine.on(events.REBALANCING, () => {
      consumption.hold();
      void commit();
    });
    mine.on(events.GROUP_JOIN, ({ payload }) => {
      presence.up();
      lastSignAt = performance.now();
      consumer = mine;
      memberId = payload.memberId;
      const assigned = payload.memberAssignment[topic.name] ?? [];
      generation += 1;
      consumption.assign(assigned);
      // Nothing is fetched before it is known from where.
      applyPressure();
      if (!isPositioned) position(assigned, generation);
    });

    const position = (assigned: readonly number[], ofGeneration: number) => {
      fixStartPositions({ admin, consumer: mine, groupId, topic: topic.name, fromBeginning, assigned }).then(
        () => {
          isPositioned = true;
          applyPressure();
          positioned.resolve();
        },
        // A rebalance meanwhile begins it anew.
        (error: unknown) => void (ofGeneration === generation && failed.reject(error)),
      );
    };
    const watch = setInterval(() => {
      if (performance.now() - lastSignAt > silenceMaxMs) failed.reject(new Error('the consumer is stuck'));
    }, 1_000);
    const ended = whenAborted(end.signal);

    failed.promise.catch(() => undefined);
    try {
      await mine.connect();
      await leaveAsFormerMember(cluster);
      // Where nothing is committed is decided by what is committed first: see start-positions.
      await mine.subscribe({ topics: [topic.name], fromBeginning: true });
      const running = mine.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
      await Promise.race([running.then(() => ended), ended, failed.promise]);
      if (end.signal.aborted) memberId = undefined;
    } finally {
      clearInterval(watch);
      consumer = undefined;
      await inTime(mine.disconnect(), disconnectTimeoutMs);
    }
  }

  /** A broker that was away remembers its members, and would wait for this one as it was before it shares anew. */
  async function leaveAsFormerMember(cluster: Cluster | undefined): Promise<void> {
    if (memberId === undefined || !cluster) return;
    const former = memberId;
    memberId = undefined;
    try {
      const coordinator = (await cluster.findGroupCoordinator({ groupId })) as unknown as Coordinator;
      await coordinator.leaveGroup({ groupId, memberId: former });
    } catch {
      // It is forgotten there already, or will be when its session has run out.
    }
  }

  async function eachBatch({ batch, resolveOffset, isRunning, isStale }: EachBatchPayload): Promise<void> {
    if (closing || !isRunning() || isStale()) return;
    const lastOffset = batch.lastOffset();
    consumption.accept({
      partition: batch.partition,
      records: batch.messages.map((message) => readRecord(batch.partition, message)),
      lastOffset: Number(lastOffset),
      highWatermark: Number(batch.highWatermark),
    });
    resolveOffset(lastOffset);
    presence.up();
    options.onLag(consumption.lag());
  }

  const running = run();
  const commits = setInterval(() => {
    void commit();
    options.onLag(consumption.lag());
  }, commitIntervalMs);

  return {
    positioned: positioned.promise,
    async close() {
      if (closing) return;
      closing = true;
      applyPressure();
      const { closeDeadlineMs, group } = options;
      if (!(await consumption.close(closeDeadlineMs))) {
        log.warn({ topic: topic.name, group, closeDeadlineMs }, 'a handler did not end in time');
      }
      clearInterval(commits);
      await inTime(commit(), commitTimeoutMs);
      end.abort();
      await inTime(running, disconnectTimeoutMs);
      options.onLag(0);
      positioned.resolve();
    },
  };
}
