export type QueuePolicy = {
  /** Delay after a key's first failure. Doubles with each failure, up to the maximum. */
  backoffBaseMs: number;
  backoffMaxMs: number;
  /** An event shortens the delay of a failed key, but not below this. */
  backoffEventMs: number;
  /** Rate limit over all keys, and its burst. */
  startsPerSecond: number;
  startsBurst: number;
  /** Events of a key within this time are handled together. */
  debounceMs: number;
  /** A key without events is handled again after this time, ± `resyncJitterRatio`. */
  resyncMs: number;
  resyncJitterRatio: number;
};

export const defaultQueuePolicy: QueuePolicy = {
  backoffBaseMs: 200,
  backoffMaxMs: 60_000,
  backoffEventMs: 1_000,
  startsPerSecond: 100,
  startsBurst: 100,
  debounceMs: 50,
  resyncMs: 600_000,
  resyncJitterRatio: 0.2,
};

export type WorkOutcome =
  /** `requeueAfterMs` null: at the next resync. `forget`: the key no longer exists. */
  { kind: 'done'; requeueAfterMs: number | null; forget: boolean } | { kind: 'failed'; retryAfterMs: number };

export type KeyQueue = {
  /** An event for the key. */
  add(key: string, nowMs: number): void;
  /** The next key, in progress until `finish`; undefined: none is due, or the rate limit applies. */
  take(nowMs: number): string | undefined;
  finish(key: string, outcome: WorkOutcome, nowMs: number): void;
  /** Milliseconds until `take` can return a key; Infinity: not before an `add` or `finish`. */
  nextInMs(nowMs: number): number;
  /** Keys that are due. */
  depth(nowMs: number): number;
};

type Key = {
  /** Infinity while in progress without a new event. */
  dueMs: number;
  inProgress: boolean;
  failures: number;
  notBeforeMs: number;
};

/**
 * A work queue with deduplication, backoff, rate limit and resync. A key is queued once and never in progress twice.
 * Time and randomness are passed in.
 */
export function createKeyQueue(policy: QueuePolicy, random: () => number): KeyQueue {
  const keys = new Map<string, Key>();
  let tokens = policy.startsBurst;
  let tokensAtMs: number | null = null;

  function refill(nowMs: number): void {
    const sinceMs = tokensAtMs === null ? 0 : Math.max(0, nowMs - tokensAtMs);
    tokens = Math.min(policy.startsBurst, tokens + (sinceMs / 1000) * policy.startsPerSecond);
    tokensAtMs = nowMs;
  }

  function resyncInMs(): number {
    return policy.resyncMs * (1 + policy.resyncJitterRatio * (2 * random() - 1));
  }

  /** Half of it is jitter, so that keys that failed together are not retried together. */
  function backoffMs(failures: number): number {
    const plain = Math.min(policy.backoffMaxMs, policy.backoffBaseMs * 2 ** Math.min(30, failures - 1));
    return plain / 2 + (plain / 2) * random();
  }

  function earliest(): { name: string; key: Key } | undefined {
    let found: { name: string; key: Key } | undefined;
    for (const [name, key] of keys) {
      if (!key.inProgress && (found === undefined || key.dueMs < found.key.dueMs)) found = { name, key };
    }
    return found;
  }

  return {
    add(name, nowMs) {
      const key = keys.get(name) ?? { dueMs: Infinity, inProgress: false, failures: 0, notBeforeMs: 0 };
      keys.set(name, key);
      key.dueMs = Math.min(key.dueMs, Math.max(nowMs + policy.debounceMs, key.notBeforeMs));
    },
    take(nowMs) {
      refill(nowMs);
      const next = earliest();
      if (next === undefined || next.key.dueMs > nowMs || tokens < 1) return undefined;
      tokens -= 1;
      next.key.inProgress = true;
      next.key.dueMs = Infinity;
      return next.name;
    },
    finish(name, outcome, nowMs) {
      const key = keys.get(name);
      if (key === undefined) return;
      key.inProgress = false;
      if (outcome.kind === 'failed') {
        key.failures += 1;
        const delayMs = Math.max(outcome.retryAfterMs, backoffMs(key.failures));
        key.notBeforeMs = nowMs + Math.max(outcome.retryAfterMs, Math.min(delayMs, policy.backoffEventMs));
        // An event during the work may have fixed it, but respect the minimum delay.
        key.dueMs = Math.min(nowMs + delayMs, Math.max(key.dueMs, key.notBeforeMs));
        return;
      }
      key.failures = 0;
      key.notBeforeMs = 0;
      if (outcome.forget && key.dueMs === Infinity) keys.delete(name);
      else key.dueMs = Math.min(key.dueMs, nowMs + (outcome.requeueAfterMs ?? resyncInMs()));
    },
    nextInMs(nowMs) {
      refill(nowMs);
      const dueMs = earliest()?.key.dueMs ?? Infinity;
      const tokenInMs = tokens >= 1 ? 0 : ((1 - tokens) / policy.startsPerSecond) * 1000;
      return Math.max(0, dueMs - nowMs, tokenInMs);
    },
    depth(nowMs) {
      let depth = 0;
      for (const key of keys.values()) if (!key.inProgress && key.dueMs <= nowMs) depth += 1;
      return depth;
    },
  };
}
