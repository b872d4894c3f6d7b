/** Time in which what stays becomes background is about a tenth of this (MOG2: weight above 1 − 0.9). */
const timeConstantMs = 30_000;
/** After the first picture, and after each change of light, nothing is reported for so long. */
const settlingFrames = 5;
const settlingMs = 1_500;
/** However slow the pictures come, settling ends after so many. */
const settlingFramesMax = 20;
/** A picture of which more than this is new shows another light, not something that moves. */
const lightChangePart = 0.6;
/** Pictures further apart than this have nothing to do with one another: the background is learnt again. */
const silenceMaxMs = 60_000;

/** How the background of one camera is learnt over time. Pure but for its own memory. */
export function createMotionMemory() {
  let frames = 0;
  let since = 0;
  let lastAt: number | null = null;

  function begin(capturedAt: number): void {
    frames = 0;
    since = capturedAt;
  }

  return {
    forget(): void {
      frames = 0;
      lastAt = null;
    },
    /**
     * Part of the next picture that goes into the background, 0–1. By time, so that it means the same at any frame
     * rate; quick at first, as the mean of what was seen so far.
     */
    learningRate(capturedAt: number): number {
      const elapsedMs = lastAt === null ? Infinity : Math.abs(capturedAt - lastAt);
      if (elapsedMs > silenceMaxMs) begin(capturedAt);
      lastAt = capturedAt;
      frames += 1;
      if (frames === 1) return 1;
      const steady = 1 - Math.exp(-elapsedMs / timeConstantMs);
      const settling = frames <= settlingFrames ? 1 / frames : 0;
      return Math.max(steady, settling);
    },
    /** @param foreground part of the picture that is not background, 0–1 */
    judge(foreground: number, capturedAt: number): 'settling' | 'watching' | 'light-changed' {
      if (frames > 1 && foreground > lightChangePart) {
        begin(capturedAt);
        frames = 1;
        return 'light-changed';
      }
      const settled =
        frames > settlingFramesMax || (frames > settlingFrames && capturedAt - since >= settlingMs);
      return settled ? 'watching' : 'settling';
    },
  };
}
