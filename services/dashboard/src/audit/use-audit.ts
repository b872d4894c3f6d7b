import type { AuditEntry } from '@camplane/contracts/access';
import { useCallback, useEffect, useRef, useState } from 'react';
import { api } from '../api/client.ts';
import { messageOf } from '../api/message-of.ts';
import { auditFilterQuery, auditParameters } from './audit-filter.ts';
import type { AuditFilter } from './audit-filter.ts';

export type AuditPages = {
  /** Null until the first answer. */
  entries: readonly AuditEntry[] | null;
  nextCursor: string | null;
  error: string | null;
  pending: boolean;
  /** Loads the first page again. */
  reload: () => void;
  loadMore: () => void;
};

const pageSize = 50;

/** The entries that pass a filter, newest first, page by page. */
export function useAudit(filter: AuditFilter): AuditPages {
  const [pages, setPages] = useState<{ entries: readonly AuditEntry[]; nextCursor: string | null } | null>(
    null,
  );
  const [error, setError] = useState<string | null>(null);
  const [pending, setPending] = useState(false);
  const running = useRef<AbortController | null>(null);
  const query = auditFilterQuery(filter);

  const load = useCallback(
    async (cursor: string | null) => {
      running.current?.abort();
      const stop = new AbortController();
      running.current = stop;
      setPending(true);
      setError(null);
      try {
        const page = await api.listAudit(
          { query: { ...auditParameters(filter), limit: pageSize, ...(cursor === null ? {} : { cursor }) } },
          { signal: stop.signal },
        );
        setPages((before) => ({
          entries: cursor === null ? page.items : [...(before?.entries ?? []), ...page.items],
          nextCursor: page.nextCursor,
        }));
      } catch (thrown) {
        if (!stop.signal.aborted) setError(messageOf(thrown));
      } finally {
        if (running.current === stop) setPending(false);
      }
    },
    // The query contains the whole filter.
    [query],
  );
  useEffect(() => {
    setPages(null);
    void load(null);
    return () => running.current?.abort();
  }, [load]);

  const nextCursor = pages?.nextCursor ?? null;
  return {
    entries: pages?.entries ?? null,
    nextCursor,
    error,
    pending,
    reload: () => void load(null),
    loadMore: () => {
      if (nextCursor !== null) void load(nextCursor);
    },
  };
}
