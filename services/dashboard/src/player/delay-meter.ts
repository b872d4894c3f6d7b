import { readWebrtcStats } from './media-stats.ts';
import type { WebrtcCounters } from './media-stats.ts';

/** Until it was measured, and where the browser does not tell. */
export const webrtcDelayMs = 150;
const delayMaxMs = 3_000;
const measureEveryMs = 2_000;

/**
 * Tells when the picture on the screen was taken, for WebRTC: now, less what pictures spend on their way and in
 * the jitter buffer. It measures by itself as long as it is asked.
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
      // A connection that is closed meanwhile has no figures any more.
      measure().catch(() => undefined);
    }
    return serverNowMs - delayMs;
  };
}
