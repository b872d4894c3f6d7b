import { CamplaneError } from '@camplane/contracts/problem';
import type { Clock } from '@camplane/runtime/clock';
import { pause } from '@camplane/runtime/pause';

/** A replaced pod is ready within this time, unless its image has to be pulled. */
const againMaxMs = 15_000;
const againAfterMs = 500;

/**
 * Repeats a connection to stream-proxy until a replica accepts it.
 *
 * @throws CamplaneError stream-proxy's own refusal at once, or `service-unavailable` after {@link againMaxMs}
 */
export async function connectAgain<T>(
  connect: () => Promise<T>,
  signal: AbortSignal,
  clock: Clock,
): Promise<T> {
  const untilMs = clock.now() + againMaxMs;
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      const isTemporary = error instanceof CamplaneError && error.kind === 'service-unavailable';
      if (!isTemporary || signal.aborted || clock.now() >= untilMs) throw error;
    }
    await pause(againAfterMs, clock, signal);
  }
}
