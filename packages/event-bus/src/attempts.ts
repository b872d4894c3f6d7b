import { RejectedMessage } from './event-bus.ts';

export type AttemptsOptions = {
  /** Delays before each retry: one retry per delay. */
  retryDelaysMs: readonly number[];
  /** On abort the current attempt is the last. */
  signal: AbortSignal;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  onRetry: () => void;
};

export type Fault = { reason: 'rejected' | 'retries-exhausted'; error: unknown; attempts: number };
/** `abandoned`: the subscription closed before the last attempt. */
export type AttemptsOutcome = { kind: 'handled' } | { kind: 'abandoned' } | { kind: 'failed'; fault: Fault };

/** Calls until success, the last attempt, or an abort. Never throws. */
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
        return { kind: 'failed', fault: { reason: 'rejected', error, attempts } };
      }
      const delayMs = retryDelaysMs[attempts - 1];
      if (delayMs === undefined) {
        return { kind: 'failed', fault: { reason: 'retries-exhausted', error, attempts } };
      }
      if (!signal.aborted) {
        onRetry();
        await sleep(delayMs, signal).catch(() => undefined);
      }
      if (signal.aborted) return { kind: 'abandoned' };
    }
  }
}
