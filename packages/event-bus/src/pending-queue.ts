export type PendingQueueOptions = {
  compacted: boolean;
  /** Messages that may wait in all. */
  maxPending: number;
  /** Messages of one key that may wait. */
  maxPendingPerKey?: number;
};

/**
 * The messages that wait for one subscriber, in a lane for each key. A lane that gave a message gives no other until
 * it is released, and the lanes take turns. Full, the queue drops the oldest. For a compacted topic a newer message
 * takes the place of the waiting one of its key, which keeps the queue as short as there are keys.
 */
export class PendingQueue<M extends { readonly key: string }> {
  readonly #options: PendingQueueOptions;
  readonly #messages = new Map<number, M>();
  /** Of each key that has messages waiting: their places in `#messages`, oldest first. */
  readonly #lanes = new Map<string, number[]>();
  /** Keys with messages waiting and none at work, in the order of their turns. */
  readonly #ready = new Set<string>();
  readonly #busy = new Set<string>();
  #sequence = 0;

  constructor(options: PendingQueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#messages.size;
  }

  /** Whether {@link take} would give a message. */
  get hasReady(): boolean {
    return this.#ready.size > 0;
  }

  push(message: M): 'queued' | 'superseded' | 'dropped' {
    const { compacted, maxPending, maxPendingPerKey = Infinity } = this.#options;
    const lane = this.#lanes.get(message.key) ?? [];
    const [waiting] = lane;
    if (compacted && waiting !== undefined) {
      this.#messages.set(waiting, message);
      return 'superseded';
    }
    const place = this.#sequence++;
    lane.push(place);
    this.#messages.set(place, message);
    this.#lanes.set(message.key, lane);
    if (!this.#busy.has(message.key)) this.#ready.add(message.key);
    // The topic itself bounds the number of keys: dropping one here would lose a key's only value.
    if (compacted) return 'queued';
    if (lane.length > maxPendingPerKey) this.#removeOldestOf(message.key);
    else if (this.#messages.size > maxPending) this.shift();
    else return 'queued';
    return 'dropped';
  }

  /** The oldest message of the key whose turn it is. Its key rests until {@link release}. */
  take(): M | undefined {
    const [key] = this.#ready;
    if (key === undefined) return undefined;
    this.#ready.delete(key);
    this.#busy.add(key);
    return this.#removeOldestOf(key);
  }

  release(key: string): void {
    this.#busy.delete(key);
    if (this.#lanes.has(key)) this.#ready.add(key);
  }

  /** Removes the oldest of all. */
  shift(): M | undefined {
    for (const { key } of this.#messages.values()) return this.#removeOldestOf(key);
    return undefined;
  }

  /** Removes those that are waiting and are no longer wanted. */
  discard(unwanted: (message: M) => boolean): M[] {
    const removed: M[] = [];
    for (const [key, lane] of this.#lanes) {
      const kept = lane.filter((place) => {
        const message = this.#messages.get(place);
        if (message === undefined || !unwanted(message)) return true;
        removed.push(message);
        this.#messages.delete(place);
        return false;
      });
      if (kept.length > 0) {
        this.#lanes.set(key, kept);
      } else {
        this.#lanes.delete(key);
        this.#ready.delete(key);
      }
    }
    return removed;
  }

  #removeOldestOf(key: string): M | undefined {
    const lane = this.#lanes.get(key);
    const place = lane?.shift();
    if (lane?.length === 0) {
      this.#lanes.delete(key);
      this.#ready.delete(key);
    }
    if (place === undefined) return undefined;
    const message = this.#messages.get(place);
    this.#messages.delete(place);
    return message;
  }
}
