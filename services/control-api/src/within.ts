import { setTimeout as delay } from 'node:timers/promises';

/** Resolves when `work` has ended, or after `ms` at the latest; the work is not stopped. Rejects as `work` does. */
export async function within(work: Promise<unknown>, ms: number): Promise<void> {
  const done = new AbortController();
  try {
    await Promise.race([work, delay(ms, undefined, { signal: done.signal }).catch(() => undefined)]);
  } finally {
    done.abort();
  }
}
