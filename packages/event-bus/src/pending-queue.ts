import type { BusMessage } from './event-bus.ts';

/**
 * The messages that wait for one subscriber. Full, it drops the oldest. For a compacted topic a newer message takes
 * the place of the waiting one of its key, which keeps the queue as short as there are keys and the key's turn where
 * it was.
 */
export class PendingQueue {
  readonly #compacted: boolean;
  readonly #maxPending: number;
  readonly #messages = new Map<string | number, BusMessage<unknown>>();
  #sequence = 0;

  constructor(options: { compacted: boolean; maxPending: number }) {
    this.#compacted = options.compacted;
    this.#maxPending = options.maxPending;
  }

  get length(): number {
    return this.#messages.size;
  }

  push(message: BusMessage<unknown>): 'queued' | 'superseded' | 'dropped' {
    const slot = this.#compacted ? message.key : this.#sequence++;
    const superseded = this.#messages.has(slot);
    this.#messages.set(slot, message);
    if (superseded) return 'superseded';
    // The topic itself bounds the number of keys: dropping one here would lose a key's only value.
    if (this.#compacted || this.#messages.size <= this.#maxPending) return 'queued';
    this.shift();
    return 'dropped';
  }

  shift(): BusMessage<unknown> | undefined {
    for (const [slot, message] of this.#messages) {
      this.#messages.delete(slot);
      return message;
    }
    return undefined;
  }
}
