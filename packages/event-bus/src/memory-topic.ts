import type { Topic as MessageTopic } from '@camplane/contracts/topic';
import { LRUCache } from 'lru-cache';
import type { BusEvent, BusMessage } from './event-bus.ts';
import { chooseMember } from './group.ts';
import type { PendingQueue } from './pending-queue.ts';

/** A subscriber within one process. */
export type Member = { queue: PendingQueue<BusMessage<unknown>>; wake: () => void; close(): Promise<void> };

/** A topic within one process: the messages it retains, and the members of each group. */
export class MemoryTopic {
  readonly topic: MessageTopic<unknown>;
  readonly #onEvent: (event: BusEvent) => void;
  /** The latest message of each key, of compacted topics only. */
  readonly #latest: LRUCache<string, BusMessage<unknown>> | undefined;
  readonly #groups = new Map<string, Member[]>();

  constructor(topic: MessageTopic<unknown>, retainedKeysMax: number, onEvent: (event: BusEvent) => void) {
    this.topic = topic;
    this.#onEvent = onEvent;
    if (!topic.compacted) return;
    this.#latest = new LRUCache({
      max: retainedKeysMax,
      dispose: (_message, _key, reason) => {
        if (reason === 'evict') onEvent('dropped');
      },
    });
  }

  /** Delivers a message to one member of each group. */
  accept(message: BusMessage<unknown>): void {
    this.#latest?.set(message.key, message);
    this.#onEvent('published');
    for (const group of this.#groups.values()) this.#deliver(group, message);
  }

  hasGroup(group: string): boolean {
    return this.#groups.has(group);
  }

  join(group: string, member: Member): void {
    this.#groups.set(group, [...(this.#groups.get(group) ?? []), member]);
  }

  leave(group: string, member: Member): void {
    const rest = (this.#groups.get(group) ?? []).filter((other) => other !== member);
    if (rest.length === 0) this.#groups.delete(group);
    else this.#groups.set(group, rest);
  }

  /** Sends the retained messages to a new member. */
  replay(member: Member): void {
    for (const message of this.#latest?.rvalues() ?? []) {
      if (message !== undefined) this.#enqueue(member, message);
    }
  }

  /** Distributes the waiting messages of a member that left its group, as in a rebalance. */
  redistribute(group: string, { queue }: Member): void {
    const rest = this.#groups.get(group) ?? [];
    for (let left = queue.shift(); left !== undefined; left = queue.shift()) this.#deliver(rest, left);
  }

  #deliver(members: readonly Member[], message: BusMessage<unknown>): void {
    const member = chooseMember(members, message.key);
    if (member) this.#enqueue(member, message);
  }

  #enqueue(member: Member, message: BusMessage<unknown>): void {
    const outcome = member.queue.push(message);
    if (outcome !== 'queued') this.#onEvent(outcome);
    member.wake();
  }
}
