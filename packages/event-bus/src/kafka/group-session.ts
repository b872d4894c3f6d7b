import { whenAborted } from '@camplane/runtime/abort';
import { PartitionAssigners } from 'kafkajs';
import type { Cluster, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { BrokerPresence } from './broker-presence.ts';
import { inTime } from './in-time.ts';
import type { KafkaAdmin } from './kafka-admin.ts';
import { requestRetry } from './kafka-client.ts';
import { fixStartPositions } from './start-positions.ts';

export type GroupMember = { consumer: Consumer; memberId: string; assigned: readonly number[] };

export type GroupSessionOptions = {
  kafka: Kafka;
  admin: KafkaAdmin;
  presence: BrokerPresence;
  groupId: string;
  topic: string;
  fromBeginning: boolean;
  /** Whether the group already has a start position in every partition. */
  isPositioned: () => boolean;
  /** The id of the previous session's member, if any. Called once connected; the session then makes it leave. */
  takeFormerMemberId: () => string | undefined;
  onJoin: (member: GroupMember) => void;
  onRebalancing: () => void;
  onPositioned: () => void;
  onBatch: (payload: EachBatchPayload) => Promise<void>;
  /** The consumer must not be used after this. */
  onEnd: () => void;
  signal: AbortSignal;
};

/** An operation of kafkajs's broker that its types leave out. */
type Coordinator = { leaveGroup(member: { groupId: string; memberId: string }): Promise<unknown> };

const sessionTimeoutMs = 10_000;
const heartbeatIntervalMs = 2_000;
const rebalanceTimeoutMs = 15_000;
/** Without a fetch for this long the consumer is stuck: waiting for others to join takes at most one rebalance. */
const silenceMaxMs = 40_000;
const fetchWaitMs = 250;
const fetchPartitionMaxBytes = 1024 * 1024;
const fetchMaxBytes = 8 * 1024 * 1024;
const disconnectTimeoutMs = 1_000;

/** One connection to a consumer group. Returns when the signal is aborted, throws on any failure, never retries. */
export async function runGroupSession(options: GroupSessionOptions): Promise<void> {
  const { kafka, groupId, topic, signal } = options;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  let cluster: Cluster | undefined;
  const consumer = kafka.consumer({
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
  const watchdog = watchConsumer(consumer, options, failed.reject);
  const ended = whenAborted(signal);
  try {
    await consumer.connect();
    await leaveAsFormerMember(cluster, options);
    // `fromBeginning` has no effect where a position is committed: see start-positions.
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const running = consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: options.onBatch,
    });
    await Promise.race([running.then(() => ended), ended, failed.promise]);
  } finally {
    watchdog.stop();
    options.onEnd();
    await inTime(consumer.disconnect(), disconnectTimeoutMs);
  }
}

/** Reports the consumer's events, and fails the session if the consumer crashes or is stuck. */
function watchConsumer(
  consumer: Consumer,
  options: GroupSessionOptions,
  fail: (error: unknown) => void,
): { stop(): void } {
  const { presence, topic } = options;
  const { events } = consumer;
  let lastActivityMs = performance.now();
  let generation = 0;

  function fixPositions(assigned: readonly number[]): void {
    const { admin, groupId, fromBeginning } = options;
    const ofGeneration = generation;
    fixStartPositions({ admin, consumer, groupId, topic, fromBeginning, assigned }).then(
      options.onPositioned,
      // After a rebalance the next generation fixes the positions.
      (error: unknown) => void (ofGeneration === generation && fail(error)),
    );
  }

  consumer.on(events.FETCH, () => void (lastActivityMs = performance.now()));
  consumer.on(events.HEARTBEAT, () => presence.up());
  consumer.on(events.CRASH, ({ payload }) => fail(payload.error));
  consumer.on(events.REBALANCING, () => options.onRebalancing());
  consumer.on(events.GROUP_JOIN, ({ payload }) => {
    presence.up();
    lastActivityMs = performance.now();
    const assigned = payload.memberAssignment[topic] ?? [];
    generation += 1;
    options.onJoin({ consumer, memberId: payload.memberId, assigned });
    if (!options.isPositioned()) fixPositions(assigned);
  });
  const timer = setInterval(() => {
    if (performance.now() - lastActivityMs > silenceMaxMs) fail(new Error('the consumer is stuck'));
  }, 1_000);
  return { stop: () => clearInterval(timer) };
}

/** After an outage the broker still counts the former member and would wait for it before the next rebalance. */
async function leaveAsFormerMember(
  cluster: Cluster | undefined,
  { groupId, takeFormerMemberId }: GroupSessionOptions,
): Promise<void> {
  if (!cluster) return;
  const memberId = takeFormerMemberId();
  if (memberId === undefined) return;
  try {
    const coordinator = (await cluster.findGroupCoordinator({ groupId })) as unknown as Coordinator;
    await coordinator.leaveGroup({ groupId, memberId });
  } catch {
    // The broker no longer has the member, or drops it when its session times out.
  }
}
