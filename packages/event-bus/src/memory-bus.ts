import { setTimeout as sleep } from 'node:timers/promises';
import type { Topic as MessageTopic } from '@camplane/contracts/topic';
import { BusError } from './event-bus.ts';
import type { BusEvent, BusHandler, BusLog, BusMessage, EventBus, Subscription } from './event-bus.ts';
import { chooseMember } from './group.ts';
import { LatestValues } from './latest-values.ts';
import { PendingQueue } from './pending-queue.ts';
import { runSubscriber } from './subscriber.ts';

export type MemoryBusOptions = {
  /** Messages that may wait for one subscriber. Of a compacted topic only the latest of each key waits. */
  maxPending: number;
  log: BusLog;
  /** Called for each thing that happens to a message: the place to count it. */
  onEvent?: (event: BusEvent, topic: string) => void;
  /** Keys whose latest value a compacted topic keeps; beyond it the key that was silent longest is forgotten. */
  maxRetainedKeys?: number;
  /** Pauses before a failed handler is called again; as many as there are further attempts. */
  retryDelaysMs?: readonly number[];
  /** How long `close` waits for handlers that are at work. */
  closeDeadlineMs?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
};

type Member = { queue: PendingQueue; wake: () => void; close(): Promise<void> };
type Topic = { compacted: boolean; latest: LatestValues; groups: Map<string, Member[]> };

/**
 * The bus inside one process. Nothing survives it, and a topic that is not compacted holds nothing for later
 * subscribers. Each subscriber receives its own copy of a value.
 */
export function createMemoryBus(options: MemoryBusOptions): EventBus {
  const { maxPending, log, onEvent = () => undefined, now = Date.now } = options;
  const { maxRetainedKeys = 10_000, retryDelaysMs = [50, 200, 500], closeDeadlineMs = 2_000 } = options;
  const topics = new Map<string, Topic>();
  const members = new Set<Member>();
  let closed = false;

  function topicOf({ name, compacted }: Pick<MessageTopic<unknown>, 'name' | 'compacted'>): Topic {
    const existing = topics.get(name);
    if (existing) return existing;
    const topic: Topic = { compacted, latest: new LatestValues(maxRetainedKeys), groups: new Map() };
    topics.set(name, topic);
    return topic;
  }

  function enqueue(topicName: string, member: Member, message: BusMessage<unknown>): void {
    const fate = member.queue.push(message);
    if (fate !== 'queued') onEvent(fate, topicName);
    member.wake();
  }

  return {
    async publish(topic, key, value, headers = {}) {
      if (closed) throw new BusError('closed', 'the bus is closed');
      const parsed = topic.parse(value);
      if (!parsed.ok) {
        throw new BusError('invalid-value', `a value is not fit for ${topic.name}: ${parsed.message}`);
      }
      const message = { key, value: parsed.value, headers: { ...headers }, publishedAt: now() };
      const held = topicOf(topic);
      if (held.compacted && held.latest.set(message) === 'forgot-a-key') onEvent('dropped', topic.name);
      onEvent('published', topic.name);
      for (const group of held.groups.values()) {
        const member = chooseMember(group, key);
        if (member) enqueue(topic.name, member, message);
      }
    },

    async subscribe<T>(
      topic: MessageTopic<T>,
      { group, fromBeginning }: { group: string; fromBeginning?: boolean },
      handler: BusHandler<T>,
    ): Promise<Subscription> {
      if (closed) throw new BusError('closed', 'the bus is closed');
      const held = topicOf(topic);
      const queue = new PendingQueue({ compacted: held.compacted, maxPending });
      const subscriber = runSubscriber({
        topic: topic.name,
        group,
        queue,
        handler: handler as BusHandler<unknown>,
        retryDelaysMs,
        closeDeadlineMs,
        log,
        onEvent: (event) => onEvent(event, topic.name),
        sleep: (ms, signal) => sleep(ms, undefined, { signal, ref: false }),
      });
      const member: Member = {
        queue,
        wake: subscriber.wake,
        async close() {
          members.delete(member);
          const rest = (held.groups.get(group) ?? []).filter((other) => other !== member);
          if (rest.length === 0) held.groups.delete(group);
          else held.groups.set(group, rest);
          await subscriber.close();
          // What it had not begun falls to those who remain, as a rebalance would have it.
          for (let left = queue.shift(); left !== undefined; left = queue.shift()) {
            const heir = chooseMember(rest, left.key);
            if (heir) enqueue(topic.name, heir, left);
          }
        },
      };
      const isNewGroup = !held.groups.has(group);
      held.groups.set(group, [...(held.groups.get(group) ?? []), member]);
      members.add(member);
      if (fromBeginning === true && isNewGroup) {
        for (const message of held.latest.values()) enqueue(topic.name, member, message);
      }
      return { close: () => member.close() };
    },

    async close() {
      closed = true;
      await Promise.all([...members].map((member) => member.close()));
      topics.clear();
    },
  };
}
