import type { BusMessage } from './event-bus.ts';

/** The latest message of each key, for at most `maxKeys` keys; the key that was silent longest goes first. */
export class LatestValues {
  readonly #maxKeys: number;
  readonly #messages = new Map<string, BusMessage<unknown>>();

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  set(message: BusMessage<unknown>): 'kept' | 'forgot-a-key' {
    // Deleting first moves the key to the end: a Map keeps the order of insertion.
    this.#messages.delete(message.key);
    this.#messages.set(message.key, message);
    if (this.#messages.size <= this.#maxKeys) return 'kept';
    const [oldest] = this.#messages.keys();
    if (oldest !== undefined) this.#messages.delete(oldest);
    return 'forgot-a-key';
  }

  values(): BusMessage<unknown>[] {
    return [...this.#messages.values()];
  }
}
