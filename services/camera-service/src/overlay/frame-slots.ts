/**
 * Tracks which of three frame buffers is being read, waits, or is being written. The writer always gets the newest
 * complete frame: a frame that still waits when the next one is complete is dropped. The delay is therefore
 * bounded by the write in progress and one frame.
 */
export class FrameSlots {
  static readonly count = 3;
  #reading = 0;
  #waiting: number | null = null;
  #writing: number | null = null;

  /** The buffer for the next frame: never one that waits or is being written. */
  get reading(): number {
    return this.#reading;
  }

  /** The frame being read is complete. Returns `true` if an older one was dropped. */
  completeRead(): boolean {
    const dropped = this.#waiting !== null;
    this.#waiting = this.#reading;
    this.#reading = this.#free();
    return dropped;
  }

  /** The buffer to write now; `null` while a write is in progress or no frame waits. */
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
    throw new Error('no free frame slot: one waits and one is written, so a third must be free');
  }
}
