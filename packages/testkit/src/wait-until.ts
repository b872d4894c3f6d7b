import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

/**
 * Repeats `read` until `accept` holds for its result, and returns it. At the deadline it throws an error with the last
 * result, or with the last error of `read` as its cause.
 */
export async function waitUntil<T>(
  read: () => T | Promise<T>,
  accept: (value: T) => boolean,
  options: { what: string; timeoutMs?: number; intervalMs?: number },
): Promise<T> {
  const { what, timeoutMs = 10_000, intervalMs = 25 } = options;
  const deadline = performance.now() + timeoutMs;
  let last: { seen: T } | { error: unknown };
  do {
    try {
      const seen = await read();
      if (accept(seen)) return seen;
      last = { seen };
    } catch (error) {
      last = { error };
    }
    await delay(intervalMs);
  } while (performance.now() < deadline);
  const state =
    'seen' in last ? `last seen: ${inspect(last.seen, { depth: 6 }).slice(0, 4000)}` : 'the last read failed';
  throw new Error(
    `${what}: not within ${timeoutMs} ms; ${state}`,
    'error' in last ? { cause: last.error } : undefined,
  );
}
