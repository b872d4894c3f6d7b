/** Where nothing tells: HLS as Camplane serves it, with parts of 200 ms. */
const hlsDelayMs = 2_000;
/** A date further off is of another clock than the server's. */
const believedMs = 60_000;

/**
 * When the picture that HLS shows was taken, by the server's clock: as its playlist dates it, otherwise by how far
 * it is behind the newest part.
 */
export function pictureTime(serverNowMs: number, datedMs: number | null, latencyMs: number): number {
  if (datedMs !== null && Math.abs(serverNowMs - datedMs) < believedMs) return Math.min(serverNowMs, datedMs);
  return serverNowMs - (latencyMs > 0 ? latencyMs : hlsDelayMs);
}
