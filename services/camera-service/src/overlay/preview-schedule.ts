/** Selects frames so that they come at `fps` per second. */
export class PreviewSchedule {
  readonly #intervalMs: number;
  #nextMs: number | null = null;

  constructor(fps: number) {
    this.#intervalMs = 1000 / fps;
  }

  /** Whether a frame captured at `nowMs` is due. Keeps the mean rate; lost time is not followed by a burst. */
  isDue(nowMs: number): boolean {
    if (this.#nextMs !== null && nowMs < this.#nextMs - this.#intervalMs * 0.1) return false;
    const next = (this.#nextMs ?? nowMs) + this.#intervalMs;
    this.#nextMs = next < nowMs ? nowMs + this.#intervalMs : next;
    return true;
  }
}
