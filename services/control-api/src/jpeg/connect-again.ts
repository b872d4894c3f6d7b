import { CamplaneError } from '@camplane/contracts/problem';
import type { Clock } from '@camplane/runtime/clock';
import { pause } from '@camplane/runtime/pause';

/** A replaced pod is ready within this time, unless its image has to be pulled. */
const againMaxMs = 15_000;
const againAfterMs = 500;

/**
 * Connects to stream-proxy after a loss, and again until a replica accepts it. It pauses before each attempt, also the
 * first, because a replica can accept a connection and end it at once.
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
    await pause(againAfterMs, clock, signal);
    try {
      return await connect();
    } catch (error) {
      const isTemporary = error instanceof CamplaneError && error.kind === 'service-unavailable';
      if (!isTemporary || signal.aborted || clock.now() >= untilMs) throw error;
    }
  }
}
