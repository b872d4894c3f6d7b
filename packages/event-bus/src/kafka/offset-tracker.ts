/**
 * What of one partition has been handled. Messages are finished in any order, but an offset may be committed only
 * where all before it are done: {@link OffsetTracker.position} is the end of that prefix.
 */
export class OffsetTracker {
  /** Taken and not done. They are taken in rising order, so the first of the set is the lowest. */
  readonly #open = new Set<number>();
  #next: number | undefined;
  #committed: number | undefined;

  /** False: it was taken before. A broker gives messages again after a rebalance. */
  take(offset: number): boolean {
    if (this.#next !== undefined && offset < this.#next) return false;
    this.#open.add(offset);
    this.#next = offset + 1;
    return true;
  }

  /** There is nothing to do before `offset`: compaction left it out, or retention has deleted it. */
  skipTo(offset: number): void {
    if (this.#next === undefined || offset > this.#next) this.#next = offset;
  }

  done(offset: number): void {
    this.#open.delete(offset);
  }

  /** Another member of the group has done what came before `offset`. */
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

  /** The offset after the highest that was taken. */
  get next(): number | undefined {
    return this.#next;
  }

  /** The first offset that is not done. */
  get position(): number | undefined {
    for (const open of this.#open) return open;
    return this.#next;
  }

  /** The position where it may be committed and was not yet. */
  get uncommitted(): number | undefined {
    const { position } = this;
    const isNew = position !== undefined && (this.#committed === undefined || position > this.#committed);
    return isNew ? position : undefined;
  }
}
