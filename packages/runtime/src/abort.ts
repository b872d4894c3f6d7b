import { asError } from './as-error.ts';

/**
 * Calls `listener` once when the signal is aborted, immediately if it already is.
 *
 * @returns a function that removes the listener; call it when the work is done, or a long-lived signal collects them
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  const call = () => listener();
  signal.addEventListener('abort', call, { once: true });
  return () => signal.removeEventListener('abort', call);
}

/** Resolves when the signal is aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => void onAbort(signal, resolve));
}

/**
 * Settles as `promise` does, or rejects with the signal's reason if that is aborted first.
 * The work behind `promise` is not stopped.
 */
export async function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const removeListener = onAbort(signal, () => reject(asError(signal.reason)));
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    removeListener();
  }
}
