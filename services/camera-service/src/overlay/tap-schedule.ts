/** Says which frames are taken as small pictures so that they come `fps` times a second. */
export class TapSchedule {
  readonly #intervalMs: number;
  #nextMs: number | null = null;

  constructor(fps: number) {
    this.#intervalMs = 1000 / fps;
  }

  /** Whether a frame captured at `nowMs` is due. Holds the mean rate; time lost is not made up by a burst. */
  isDue(nowMs: number): boolean {
    if (this.#nextMs !== null && nowMs < this.#nextMs - this.#intervalMs * 0.1) return false;
    const next = (this.#nextMs ?? nowMs) + this.#intervalMs;
    this.#nextMs = next < nowMs ? nowMs + this.#intervalMs : next;
    return true;
  }
}
