/** A still object becomes background after about a tenth of this (MOG2: weight above 1 − 0.9). */
const timeConstantMs = 30_000;
/** Nothing is reported for this long after the first frame and after a change of light. */
const settlingFrames = 5;
const settlingMs = 1_500;
/** Settling ends after this many frames, however slow they are. */
const settlingFramesMax = 20;
/** A larger foreground is a change of light, not motion. */
const lightChangeFraction = 0.6;
/** After a longer gap the background is learned again. */
const silenceMaxMs = 60_000;

/** Learning rate and phase of the background model of one camera. */
export function createMotionMemory() {
  let frames = 0;
  let since = 0;
  let lastAt: number | null = null;

  function restart(capturedAt: number): void {
    frames = 0;
    since = capturedAt;
  }

  return {
    reset(): void {
      frames = 0;
      lastAt = null;
    },
    /**
     * Weight of the next frame in the background, 0–1. Depends on time, so that it means the same at any frame rate; at
     * first the background is the mean of all frames.
     */
    learningRate(capturedAt: number): number {
      const elapsedMs = lastAt === null ? Infinity : Math.abs(capturedAt - lastAt);
      if (elapsedMs > silenceMaxMs) restart(capturedAt);
      lastAt = capturedAt;
      frames += 1;
      if (frames === 1) return 1;
      const steady = 1 - Math.exp(-elapsedMs / timeConstantMs);
      const settling = frames <= settlingFrames ? 1 / frames : 0;
      return Math.max(steady, settling);
    },
    /** @param foreground fraction of the frame that is not background, 0–1 */
    classify(foreground: number, capturedAt: number): 'settling' | 'watching' | 'light-changed' {
      if (frames > 1 && foreground > lightChangeFraction) {
        restart(capturedAt);
        frames = 1;
        return 'light-changed';
      }
      const settled =
        frames > settlingFramesMax || (frames > settlingFrames && capturedAt - since >= settlingMs);
      return settled ? 'watching' : 'settling';
    },
  };
}
