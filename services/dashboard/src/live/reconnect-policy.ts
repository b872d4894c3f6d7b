/**
 * How long to wait before the n-th attempt in a row to reach something that was lost: doubling from `firstMs`
 * to `maxMs`, spread over the upper half of that so that many pages do not come back in the same instant.
 */
export type ReconnectPolicy = { firstMs: number; maxMs: number };

export const eventsReconnect: ReconnectPolicy = { firstMs: 1_000, maxMs: 15_000 };

/**
 * @param failures how many attempts failed in a row; 1 for the first
 * @param random from 0 (included) to 1 (excluded)
 */
export function reconnectDelayMs(policy: ReconnectPolicy, failures: number, random: number): number {
  const exponent = Math.min(Math.max(failures - 1, 0), 30);
  const ceilingMs = Math.min(policy.maxMs, policy.firstMs * 2 ** exponent);
  return Math.round(ceilingMs / 2 + (random * ceilingMs) / 2);
}
