/**
 * The delay before a retry doubles from `firstMs` to `maxMs`. Jitter over its upper half keeps many pages from
 * reconnecting at the same time.
 */
export type ReconnectPolicy = { firstMs: number; maxMs: number };

export const eventsReconnect: ReconnectPolicy = { firstMs: 1_000, maxMs: 15_000 };

/**
 * @param failures consecutive failures, from 1
 * @param random from 0 (included) to 1 (excluded)
 */
export function reconnectDelayMs(policy: ReconnectPolicy, failures: number, random: number): number {
  const exponent = Math.min(Math.max(failures - 1, 0), 30);
  const ceilingMs = Math.min(policy.maxMs, policy.firstMs * 2 ** exponent);
  return Math.round(ceilingMs / 2 + (random * ceilingMs) / 2);
}
