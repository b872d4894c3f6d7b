/** Used if the latency is unknown: typical for Camplane's HLS with parts of 200 ms. */
const hlsDelayMs = 2_000;
/** A larger difference means that the playlist was dated by another clock. */
const maxOffsetMs = 60_000;

/**
 * When the frame that HLS shows was taken, by the server's clock: from the playlist's date, or from the distance to the
 * newest part.
 */
export function hlsFrameTimeMs(serverNowMs: number, datedMs: number | null, latencyMs: number): number {
  if (datedMs !== null && Math.abs(serverNowMs - datedMs) < maxOffsetMs)
    return Math.min(serverNowMs, datedMs);
  return serverNowMs - (latencyMs > 0 ? latencyMs : hlsDelayMs);
}
