/**
 * Tracks the handled messages of one partition. Messages finish in any order, but an offset may be committed only if all
 * messages before it are done: {@link OffsetTracker.position} is the end of that prefix.
 */
export class OffsetTracker {
  /** Taken and not done. Offsets are taken in ascending order, so the first of the set is the lowest. */
  readonly #open = new Set<number>();
  #next: number | undefined;
  #committed: number | undefined;

  /** Returns false if the offset was taken before: brokers redeliver messages after a rebalance. */
  take(offset: number): boolean {
    if (this.#next !== undefined && offset < this.#next) return false;
    this.#open.add(offset);
    this.#next = offset + 1;
    return true;
  }

  /** Offsets before `offset` have no messages, because of compaction or retention. */
  skipTo(offset: number): void {
    if (this.#next === undefined || offset > this.#next) this.#next = offset;
  }

  done(offset: number): void {
    this.#open.delete(offset);
  }

  /** Another member of the group has handled everything before `offset`. */
  forgetBefore(offset: number): void {
    for (const open of this.#open) {
      if (open >= offset) break;
      this.#open.delete(open);
    }
    this.skipTo(offset);
  }

  committed(offset: number): void {
    this.#committed = offset;
  }

  /** The offset after the highest taken one. */
  get next(): number | undefined {
    return this.#next;
  }

  /** The first offset that is not done. */
  get position(): number | undefined {
    for (const open of this.#open) return open;
    return this.#next;
  }

  /** The position, if it was not committed yet. */
  get uncommitted(): number | undefined {
    const { position } = this;
    const isNew = position !== undefined && (this.#committed === undefined || position > this.#committed);
    return isNew ? position : undefined;
  }
}
