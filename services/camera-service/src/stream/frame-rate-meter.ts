/** Measures frames per second from counts, smoothed over about four seconds. The caller passes the time. */
export function createFrameRateMeter(): {
  add(count: number, nowMs: number): void;
  fps(): number | null;
  reset(): void;
} {
  let windowStartMs: number | null = null;
  let windowFrames = 0;
  let smoothed: number | null = null;
  return {
    add(count, nowMs) {
      if (windowStartMs === null) {
        // Frames before the first report took an unknown time: it only opens the window.
        windowStartMs = nowMs;
        return;
      }
      windowFrames += count;
      const elapsedMs = nowMs - windowStartMs;
      if (elapsedMs < 1000 || windowFrames === 0) return;
      const rate = (windowFrames * 1000) / elapsedMs;
      smoothed = smoothed === null ? rate : smoothed + (rate - smoothed) * Math.min(1, elapsedMs / 4000);
      windowStartMs = nowMs;
      windowFrames = 0;
    },
    fps: () => (smoothed === null ? null : Math.round(smoothed * 10) / 10),
    reset() {
      windowStartMs = null;
      windowFrames = 0;
      smoothed = null;
    },
  };
}
