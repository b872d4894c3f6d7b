/**
 * Which of three frame buffers is being read, waits, and is being written. The writer always gets the newest
 * complete frame: one that still waits when the next is complete is dropped. Nothing else can pile up here, so
 * the delay is bounded by the write in progress and one frame.
 */
export class FrameSlots {
  static readonly count = 3;
  #reading = 0;
  #waiting: number | null = null;
  #writing: number | null = null;

  /** The buffer the next frame is read into: never one that waits or is being written. */
  get reading(): number {
    return this.#reading;
  }

  /** The frame being read is complete. `true` if an older one had to go for it. */
  completeRead(): boolean {
    const dropped = this.#waiting !== null;
    this.#waiting = this.#reading;
    this.#reading = this.#free();
    return dropped;
  }

  /** The buffer to write now; `null` while a write is in progress or nothing waits. */
  beginWrite(): number | null {
    if (this.#writing !== null || this.#waiting === null) return null;
    this.#writing = this.#waiting;
    this.#waiting = null;
    return this.#writing;
  }

  completeWrite(): void {
    this.#writing = null;
  }

  #free(): number {
    for (let slot = 0; slot < FrameSlots.count; slot += 1) {
      if (slot !== this.#waiting && slot !== this.#writing) return slot;
    }
    throw new Error('of three slots one waits and one is written: a third is free');
  }
}
