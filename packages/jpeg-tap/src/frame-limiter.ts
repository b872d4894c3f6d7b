/** Selects frames so that they are `fps` per second or fewer. */
export type FrameLimiter = {
  /** Whether the frame captured at `capturedAtMs` is one of them. Time without frames is not made up by a burst. */
  isDue(capturedAtMs: number): boolean;
};

export function createFrameLimiter(fps: number): FrameLimiter {
  const intervalMs = 1000 / fps;
  let nextMs: number | null = null;
  return {
    isDue(capturedAtMs) {
      // The wall clock may be set back: then it starts again.
      if (nextMs !== null && capturedAtMs < nextMs - 2 * intervalMs) nextMs = null;
      // 10 % tolerance: otherwise a slightly early frame is dropped, and the next one is a whole interval later.
      if (nextMs !== null && capturedAtMs < nextMs - intervalMs * 0.1) return false;
      const planned: number = (nextMs ?? capturedAtMs) + intervalMs;
      nextMs = planned < capturedAtMs ? capturedAtMs + intervalMs : planned;
      return true;
    },
  };
}
