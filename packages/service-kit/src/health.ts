import { messageOf } from '@camplane/runtime/message-of';

export type ReadinessResult = { ok: true } | { ok: false; reason: string };

/** A condition for readiness. `check` must return immediately, from memory. */
export type ReadinessCheck = {
  name: string;
  check(): ReadinessResult;
  /** Reported, but not required for readiness. */
  advisory?: true;
};

export type Readiness = {
  ready: boolean;
  checks: { name: string; ok: boolean; reason?: string; advisory?: true }[];
};

export type Health = {
  /** Adds a check; the returned function removes it. */
  add(check: ReadinessCheck): () => void;
  readiness(): Readiness;
};

/** Named readiness checks. Without checks a service is ready. A check that throws has failed. */
export function createHealth(): Health {
  const checks = new Set<ReadinessCheck>();
  return {
    add(check) {
      checks.add(check);
      return () => checks.delete(check);
    },
    readiness() {
      const results = [...checks].map((check) => ({
        name: check.name,
        ...runCheck(check),
        ...(check.advisory ? { advisory: true as const } : {}),
      }));
      return { ready: results.every(({ ok, advisory }) => ok || advisory), checks: results };
    },
  };
}

function runCheck(check: ReadinessCheck): ReadinessResult {
  try {
    return check.check();
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}
