import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

/**
 * Looks again and again until `accept` holds, and resolves with what was seen. At the deadline it throws an
 * error that shows what was seen last, or the error that looking last threw.
 */
export async function waitUntil<T>(
  look: () => T | Promise<T>,
  accept: (seen: T) => boolean,
  options: { what: string; timeoutMs?: number; intervalMs?: number },
): Promise<T> {
  const { what, timeoutMs = 10_000, intervalMs = 25 } = options;
  const deadline = performance.now() + timeoutMs;
  let last: { seen: T } | { error: unknown };
  do {
    try {
      const seen = await look();
      if (accept(seen)) return seen;
      last = { seen };
    } catch (error) {
      last = { error };
    }
    await delay(intervalMs);
  } while (performance.now() < deadline);
  const state =
    'seen' in last ? `last seen: ${inspect(last.seen, { depth: 6 }).slice(0, 4000)}` : 'looking failed';
  throw new Error(
    `${what}: not within ${timeoutMs} ms; ${state}`,
    'error' in last ? { cause: last.error } : undefined,
  );
}
