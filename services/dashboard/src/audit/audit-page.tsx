import type { AuditEntry } from '@camplane/contracts/access';
import { useApp, useCameras } from '../app-context.tsx';
import { LoadFailure } from '../interface/load-failure.tsx';
import { useNow } from '../interface/use-now.ts';
import { displayNameOf } from '../live/cameras-state.ts';
import { outcomeTexts } from '../wording/access.ts';
import { clockText, exactText } from '../wording/detection.ts';
import { AuditFilters } from './audit-filters.tsx';
import { isAuditFiltered, noAuditFilter } from './audit-filter.ts';
import type { AuditFilter } from './audit-filter.ts';
import { actionText, methodText } from './audit-wording.ts';
import { useAudit } from './use-audit.ts';

/** Who did what, newest first. */
export function AuditPage({ filter }: { filter: AuditFilter }) {
  const { navigation } = useApp();
  const { entries, nextCursor, error, pending, reload, loadMore } = useAudit(filter);
  const change = (changes: Partial<AuditFilter>) =>
    navigation.go({ page: 'audit', filter: { ...filter, ...changes } }, { replace: true, keepScroll: true });
  return (
    <>
      <div className="page-head">
        <h1>Audit log</h1>
        <button type="button" className="button" disabled={pending} onClick={reload}>
          Refresh
        </button>
      </div>
      <AuditFilters filter={filter} change={change} />
      <LoadFailure what="The audit log" error={error} retry={reload} />
      {entries === null && error === null && <p className="page-note">Loading…</p>}
      {entries?.length === 0 && <NoEntries filter={filter} clear={() => change(noAuditFilter)} />}
      {entries !== null && entries.length > 0 && <AuditTable entries={entries} />}
      {entries !== null && entries.length > 0 && (
        <div className="tracks-end">
          {nextCursor === null ? (
            <p>No more entries.</p>
          ) : (
            <button type="button" className="button" disabled={pending} onClick={loadMore}>
              {pending ? 'Loading…' : 'Load more'}
            </button>
          )}
        </div>
      )}
    </>
  );
}

function NoEntries({ filter, clear }: { filter: AuditFilter; clear: () => void }) {
  if (!isAuditFiltered(filter)) return <p className="page-note">Nothing has been recorded yet.</p>;
  return (
    <div className="empty">
      <h2>No entries match these filters</h2>
      <button type="button" className="button" onClick={clear}>
        Clear filters
      </button>
    </div>
  );
}

/** A table that becomes a list of cards on narrow screens. */
function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <table className="audit">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">User</th>
          <th scope="col">Action</th>
          <th scope="col">Camera</th>
          <th scope="col">Outcome</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <AuditRow key={entry.id} entry={entry} />
        ))}
      </tbody>
    </table>
  );
}

function AuditRow({ entry }: { entry: AuditEntry }) {
  const nowMs = useNow(false);
  const { cameras } = useCameras();
  const camera = cameras?.find(({ id }) => id === entry.cameraId);
  const atMs = Date.parse(entry.at);
  const tone = { allowed: 'good', refused: 'bad', failed: 'busy' }[entry.outcome];
  return (
    <tr>
      <td className="audit-time" title={exactText(atMs)}>
        {clockText(atMs, nowMs)}
      </td>
      <td className="audit-user">{entry.username ?? <span className="muted">unknown</span>}</td>
      <td className="audit-action">
        <span title={entry.action}>{actionText(entry.action)}</span>
        {entry.detail !== '' && <span className="muted audit-detail">{entry.detail}</span>}
      </td>
      <td className="audit-camera">{camera ? displayNameOf(camera) : entry.cameraId}</td>
      <td className="audit-outcome">
        <span className={`badge badge-static badge-${tone}`}>{outcomeTexts[entry.outcome]}</span>
      </td>
      <td className="audit-from muted">
        {entry.address}
        <span className="audit-method">{methodText(entry.method)}</span>
      </td>
    </tr>
  );
}
