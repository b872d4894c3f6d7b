import { messageOf } from '@camplane/runtime/message-of';

export type ReadinessResult = { ok: true } | { ok: false; reason: string };

/** Something that must be so before the service can serve. `check` answers from memory, at once. */
export type ReadinessCheck = {
  name: string;
  check(): ReadinessResult;
  /** Shown beside the others; the service is ready without it. */
  advisory?: true;
};

export type Readiness = {
  ready: boolean;
  checks: { name: string; ok: boolean; reason?: string; advisory?: true }[];
};

export type Health = {
  /** Adds a check; the returned function takes it away again. */
  add(check: ReadinessCheck): () => void;
  readiness(): Readiness;
};

/** Named readiness checks. Without any, a service is ready. A check that throws is one that failed. */
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
