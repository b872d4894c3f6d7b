export type PendingQueueOptions = {
  compacted: boolean;
  /** Maximum waiting messages in total. */
  maxPending: number;
  /** Maximum waiting messages per key. */
  maxPendingPerKey?: number;
};

/**
 * The messages that wait for one subscriber, with one lane per key. After `take` a lane is busy until it is released,
 * and lanes take turns. A full queue drops its oldest message. In a compacted topic a newer message replaces the waiting
 * one of its key, which bounds the queue by the number of keys.
 */
export class PendingQueue<M extends { readonly key: string }> {
  readonly #options: PendingQueueOptions;
  readonly #messages = new Map<number, M>();
  /** The waiting messages of each key, as keys of `#messages`, oldest first. */
  readonly #lanes = new Map<string, number[]>();
  /** Keys with waiting messages that are not busy, in the order of their turns. */
  readonly #ready = new Set<string>();
  readonly #busy = new Set<string>();
  #sequence = 0;

  constructor(options: PendingQueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#messages.size;
  }

  /** Whether {@link take} would return a message. */
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
    // The number of keys is bounded by the topic; dropping a message here would lose a key's only value.
    if (compacted) return 'queued';
    if (lane.length > maxPendingPerKey) this.#removeOldestOf(message.key);
    else if (this.#messages.size > maxPending) this.shift();
    else return 'queued';
    return 'dropped';
  }

  /** Removes the oldest message of the next key, which is then busy until {@link release}. */
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

  /** Removes the oldest message. */
  shift(): M | undefined {
    for (const { key } of this.#messages.values()) return this.#removeOldestOf(key);
    return undefined;
  }

  /** Removes waiting messages that match. */
  discard(isObsolete: (message: M) => boolean): M[] {
    const removed: M[] = [];
    for (const [key, lane] of this.#lanes) {
      const kept = lane.filter((place) => {
        const message = this.#messages.get(place);
        if (message === undefined || !isObsolete(message)) return true;
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
