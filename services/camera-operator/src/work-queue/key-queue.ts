export type QueuePolicy = {
  /** The pause after a key's first failure; it doubles with each, up to the longest. */
  backoffBaseMs: number;
  backoffMaxMs: number;
  /** What is heard of a key that has failed brings it forward, but not below this pause. */
  backoffEventMs: number;
  /** Keys begun a second, all together, and how many at once after a rest. */
  startsPerSecond: number;
  startsBurst: number;
  /** What is heard of a key in this time is looked at once. */
  settleMs: number;
  /** A key of which nothing is heard is looked at again after this time, give or take `resyncJitterRatio`. */
  resyncMs: number;
  resyncJitterRatio: number;
};

export const defaultQueuePolicy: QueuePolicy = {
  backoffBaseMs: 200,
  backoffMaxMs: 60_000,
  backoffEventMs: 1_000,
  startsPerSecond: 100,
  startsBurst: 100,
  settleMs: 50,
  resyncMs: 600_000,
  resyncJitterRatio: 0.2,
};

/** How the work on a key ended. */
export type WorkOutcome =
  /** `againInMs` null: at the next resync. `forget`: there is nothing more to look at. */
  { kind: 'done'; againInMs: number | null; forget: boolean } | { kind: 'failed'; retryAfterMs: number };

export type KeyQueue = {
  /** Something was heard of the key. */
  add(key: string, nowMs: number): void;
  /** The key to work on now, which is then being worked on until `end`; undefined: none is due, or too many began. */
  take(nowMs: number): string | undefined;
  end(key: string, outcome: WorkOutcome, nowMs: number): void;
  /** In how many milliseconds `take` may give something; Infinity: not before something is added or ended. */
  nextInMs(nowMs: number): number;
  /** Keys that are due and wait. */
  depth(nowMs: number): number;
};

type Key = {
  /** Infinity: it is only waited for the end of the work on it. */
  dueMs: number;
  isWorkedOn: boolean;
  failures: number;
  notBeforeMs: number;
};

/**
 * Keys and when each is due. A key is in it once, however often it is added, and is never given out twice at a time.
 * Pure: time and chance are given.
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

  /** Half of it by chance, so that keys that failed together are not retried together. */
  function backoffMs(failures: number): number {
    const plain = Math.min(policy.backoffMaxMs, policy.backoffBaseMs * 2 ** Math.min(30, failures - 1));
    return plain / 2 + (plain / 2) * random();
  }

  function earliest(): { name: string; key: Key } | undefined {
    let found: { name: string; key: Key } | undefined;
    for (const [name, key] of keys) {
      if (!key.isWorkedOn && (found === undefined || key.dueMs < found.key.dueMs)) found = { name, key };
    }
    return found;
  }

  return {
    add(name, nowMs) {
      const key = keys.get(name) ?? { dueMs: Infinity, isWorkedOn: false, failures: 0, notBeforeMs: 0 };
      keys.set(name, key);
      key.dueMs = Math.min(key.dueMs, Math.max(nowMs + policy.settleMs, key.notBeforeMs));
    },
    take(nowMs) {
      refill(nowMs);
      const next = earliest();
      if (next === undefined || next.key.dueMs > nowMs || tokens < 1) return undefined;
      tokens -= 1;
      next.key.isWorkedOn = true;
      next.key.dueMs = Infinity;
      return next.name;
    },
    end(name, outcome, nowMs) {
      const key = keys.get(name);
      if (key === undefined) return;
      key.isWorkedOn = false;
      if (outcome.kind === 'failed') {
        key.failures += 1;
        const pauseMs = Math.max(outcome.retryAfterMs, backoffMs(key.failures));
        key.notBeforeMs = nowMs + Math.max(outcome.retryAfterMs, Math.min(pauseMs, policy.backoffEventMs));
        // What was heard meanwhile may be the cure, but not sooner than the least pause.
        key.dueMs = Math.min(nowMs + pauseMs, Math.max(key.dueMs, key.notBeforeMs));
        return;
      }
      key.failures = 0;
      key.notBeforeMs = 0;
      if (outcome.forget && key.dueMs === Infinity) keys.delete(name);
      else key.dueMs = Math.min(key.dueMs, nowMs + (outcome.againInMs ?? resyncInMs()));
    },
    nextInMs(nowMs) {
      refill(nowMs);
      const dueMs = earliest()?.key.dueMs ?? Infinity;
      const tokenInMs = tokens >= 1 ? 0 : ((1 - tokens) / policy.startsPerSecond) * 1000;
      return Math.max(0, dueMs - nowMs, tokenInMs);
    },
    depth(nowMs) {
      let depth = 0;
      for (const key of keys.values()) if (!key.isWorkedOn && key.dueMs <= nowMs) depth += 1;
      return depth;
    },
  };
}
