import { readWebrtcStats } from './media-stats.ts';
import type { WebrtcCounters } from './media-stats.ts';

/** Used until the delay is measured, and in browsers without these statistics. */
export const webrtcDelayMs = 150;
const delayMaxMs = 3_000;
const measureEveryMs = 2_000;

/**
 * Estimates when the frame on screen was taken, for WebRTC: now minus network time and jitter buffer. Each call may
 * start a measurement in the background.
 */
export function createDelayMeter(
  readReports: () => Promise<Iterable<unknown>>,
  monotonicMs: () => number = () => performance.now(),
): (serverNowMs: number) => number {
  let counters: WebrtcCounters | null = null;
  let delayMs = webrtcDelayMs;
  let measuredMs = Number.NEGATIVE_INFINITY;

  const measure = async () => {
    const reading = readWebrtcStats(await readReports(), counters, monotonicMs());
    counters = reading.counters;
    const { latencyMs } = reading.stats;
    if (latencyMs !== null) delayMs = Math.min(delayMaxMs, Math.max(0, latencyMs));
  };
  return (serverNowMs) => {
    const nowMs = monotonicMs();
    if (nowMs - measuredMs >= measureEveryMs) {
      measuredMs = nowMs;
      // Fails once the connection is closed.
      measure().catch(() => undefined);
    }
    return serverNowMs - delayMs;
  };
}
