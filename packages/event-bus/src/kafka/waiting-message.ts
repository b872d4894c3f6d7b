import type { Outgoing } from './publish-queue.ts';

/**
 * An outgoing message that settles once: when the broker accepted it, when it was rejected, or when `timeoutMs` is
 * over, which calls `onTimeout`.
 */
export function createWaitingMessage(
  message: Pick<Outgoing, 'topic' | 'key' | 'body' | 'headers' | 'publishedAt'>,
  timeoutMs: number,
  onTimeout: (outgoing: Outgoing) => void,
): { outgoing: Outgoing; settled: Promise<void> } {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const settle = (finish: () => void) => {
    if (outgoing.settled) return;
    outgoing.settled = true;
    clearTimeout(timer);
    finish();
  };
  const outgoing: Outgoing = {
    ...message,
    alone: false,
    settled: false,
    resolve: () => settle(resolve),
    reject: (error) => settle(() => reject(error)),
  };
  const timer = setTimeout(() => onTimeout(outgoing), timeoutMs);
  return { outgoing, settled: promise };
}
