import { RejectedMessage } from './event-bus.ts';

export type AttemptsOptions = {
  /** Pauses before the message is tried again; as many as there are further attempts. */
  retryDelaysMs: readonly number[];
  /** Abort: the attempt under way is the last. */
  signal: AbortSignal;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  onRetry: () => void;
};

export type Fault = { reason: 'rejected' | 'retries-exhausted'; error: unknown; attempts: number };
/** `abandoned`: the subscription closed before the attempts were used up. */
export type AttemptsOutcome =
  { kind: 'handled' } | { kind: 'abandoned' } | { kind: 'given-up'; fault: Fault };

/** Calls until it succeeds, its attempts are used up, or the signal is aborted. Never throws. */
export async function attempt(
  call: () => Promise<void> | void,
  options: AttemptsOptions,
): Promise<AttemptsOutcome> {
  const { retryDelaysMs, signal, sleep, onRetry } = options;
  for (let attempts = 1; ; attempts++) {
    try {
      await call();
      return { kind: 'handled' };
    } catch (error) {
      if (error instanceof RejectedMessage) {
        return { kind: 'given-up', fault: { reason: 'rejected', error, attempts } };
      }
      const delayMs = retryDelaysMs[attempts - 1];
      if (delayMs === undefined) {
        return { kind: 'given-up', fault: { reason: 'retries-exhausted', error, attempts } };
      }
      if (!signal.aborted) {
        onRetry();
        await sleep(delayMs, signal).catch(() => undefined);
      }
      if (signal.aborted) return { kind: 'abandoned' };
    }
  }
}
