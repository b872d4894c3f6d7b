import type { AuditEntry } from '@camplane/contracts/access';
import { CamplaneError } from '@camplane/contracts/problem';
import type { WallClock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import { LRUCache } from 'lru-cache';
import { randomUUID } from 'node:crypto';
import type { Access } from './access.ts';
import type { AuditTable } from './audit-table.ts';

const dayMs = 24 * 3600_000;
const waitingMax = 1_000;
const batchMax = 200;
const expiryIntervalMs = 3600_000;
const textMaxLength = 500;

const mergeMs = 60_000;
const mergedMax = 1_000;

type NewEntry = Parameters<Access['audit']>[0];

/** The audit log: JSON lines at once, rows in batches. */
export type AuditLog = {
  audit: Access['audit'];
  /** Writes waiting entries, and deletes old ones every hour. Never throws. */
  flush(): Promise<void>;
};

export function createAuditLog(deps: {
  table: AuditTable;
  retentionDays: number;
  wallClock: WallClock;
  log: Logger;
  metrics: Metrics;
}): AuditLog {
  const { table, retentionDays, wallClock, log } = deps;
  const lost = deps.metrics.counter({
    name: 'camplane_audit_entries_lost_total',
    help: 'Audit entries that were not stored, because the database was unavailable for too long',
  });
  const merged = createMerge();
  let waiting: AuditEntry[] = [];
  let expiredAtMs = -Infinity;

  const write = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = new Set(waiting.slice(0, batchMax));
      try {
        await table.insert([...batch]);
      } catch (error) {
        if (isUnavailable(error)) return;
        // A retry would fail too, and keep all later entries waiting.
        log.error({ err: error, entries: batch.size }, 'audit entries rejected by the database');
        lost.inc(batch.size);
      }
      waiting = waiting.filter((entry) => !batch.has(entry));
    }
  };
  const expire = async (): Promise<void> => {
    const nowMs = wallClock.epochMs();
    if (nowMs - expiredAtMs < expiryIntervalMs) return;
    await table.deleteBefore(new Date(nowMs - retentionDays * dayMs));
    expiredAtMs = nowMs;
  };

  return {
    audit: (given) => {
      const entry = merged(printable(given), wallClock.epochMs());
      if (!entry) return;
      const at = new Date(wallClock.epochMs()).toISOString();
      const complete = { id: randomUUID(), at, ...entry };
      log.info({ audit: true, ...complete }, 'audit');
      waiting.push(complete);
      // The oldest are lost first: the log has them, and the newest show the present.
      if (waiting.length > waitingMax) {
        waiting.shift();
        lost.inc();
      }
    },
    flush: async () => {
      try {
        await write();
        await expire();
      } catch (error) {
        if (!isUnavailable(error)) log.warn({ err: error }, 'old audit entries not deleted, will retry');
      }
    },
  };
}

function isUnavailable(error: unknown): boolean {
  return error instanceof CamplaneError && error.kind === 'store-unavailable';
}

/** User names of failed logins come from anybody: without control characters, which the database would reject. */
function printable(entry: NewEntry): NewEntry {
  const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cs}]/gu, '?').slice(0, textMaxLength);
  const { username } = entry;
  return { ...entry, username: username === null ? null : clean(username), detail: clean(entry.detail) };
}

/**
 * Merges refusals that are equal within a minute: a scan of the API would otherwise fill the database. The next one
 * after that minute says how many there were.
 */
function createMerge(): (entry: NewEntry, nowMs: number) => NewEntry | undefined {
  const recent = new LRUCache<string, { sinceMs: number; more: number }>({ max: mergedMax });
  return (entry, nowMs) => {
    if (entry.outcome !== 'refused') return entry;
    const key = JSON.stringify(entry);
    const known = recent.get(key);
    if (known && nowMs - known.sinceMs < mergeMs) {
      known.more++;
      return undefined;
    }
    recent.set(key, { sinceMs: nowMs, more: 0 });
    if (!known || known.more === 0) return entry;
    return { ...entry, detail: `${entry.detail} (and ${known.more} more before)` };
  };
}
