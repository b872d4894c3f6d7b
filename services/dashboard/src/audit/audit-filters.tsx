import { auditEntrySchema } from '@camplane/contracts/access';
import type { AuditEntry } from '@camplane/contracts/access';
import { useEffect, useId, useState } from 'react';
import { useCameras } from '../app-context.tsx';
import { localInputText, parseLocalInput } from '../detections/detection-filter.ts';
import { Icon } from '../interface/icon.tsx';
import { verbatim } from '../interface/text-input.tsx';
import { displayNameOf } from '../live/cameras-state.ts';
import { outcomeTexts } from '../wording/access.ts';
import { isAuditFiltered, noAuditFilter } from './audit-filter.ts';
import type { AuditFilter } from './audit-filter.ts';
import { actionText, knownActions } from './audit-wording.ts';

type Props = { filter: AuditFilter; change: (changes: Partial<AuditFilter>) => void };

/** On a narrow screen all but the outcome are behind a button. */
export function AuditFilters({ filter, change }: Props) {
  const base = useId();
  const [expanded, setExpanded] = useState(false);
  const hidden = [filter.username, filter.cameraId, filter.action, filter.from, filter.to].filter(
    (value) => value !== null,
  ).length;
  return (
    <form className="filters" role="search" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <label className="filters-camera">
        <span>Outcome</span>
        <select
          value={filter.outcome ?? ''}
          onChange={({ target }) =>
            change({ outcome: target.value === '' ? null : (target.value as AuditEntry['outcome']) })
          }
        >
          <option value="">All outcomes</option>
          {auditEntrySchema.shape.outcome.options.map((outcome) => (
            <option key={outcome} value={outcome}>
              {outcomeTexts[outcome]}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        className="button filters-fold"
        aria-expanded={expanded}
        aria-controls={`${base}-more`}
        onClick={() => setExpanded(!expanded)}
      >
        <Icon name="filter" />
        Filters{hidden > 0 && ` (${hidden})`}
      </button>
      <div className="filters-more" id={`${base}-more`} data-expanded={expanded}>
        <UserFilter username={filter.username} onChange={(username) => change({ username })} />
        <ActionFilter action={filter.action} onChange={(action) => change({ action })} />
        <CameraFilter cameraId={filter.cameraId} onChange={(cameraId) => change({ cameraId })} />
        <TimeFilter label="From" value={filter.from} onChange={(from) => change({ from })} />
        <TimeFilter label="To" value={filter.to} onChange={(to) => change({ to })} />
      </div>
      {isAuditFiltered(filter) && (
        <button type="button" className="chip chip-plain" onClick={() => change(noAuditFilter)}>
          Clear filters
        </button>
      )}
    </form>
  );
}

type ChoiceProps = { value: string | null; onChange: (value: string | null) => void };

/** Applied on Enter or on blur. */
function UserFilter({ username, onChange }: { username: string | null; onChange: ChoiceProps['onChange'] }) {
  const [text, setText] = useState(username ?? '');
  useEffect(() => setText(username ?? ''), [username]);
  const apply = () => {
    const next = text.trim() === '' ? null : text.trim().toLowerCase();
    if (next !== username) onChange(next);
  };
  return (
    <label>
      <span>User</span>
      <input
        {...verbatim}
        placeholder="Any"
        maxLength={64}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onBlur={apply}
        onKeyDown={({ key }) => {
          if (key === 'Enter') apply();
        }}
      />
    </label>
  );
}

function ActionFilter({ action, onChange }: { action: string | null; onChange: ChoiceProps['onChange'] }) {
  const isOther = action !== null && !knownActions.some(([known]) => known === action);
  return (
    <label>
      <span>Action</span>
      <select
        value={action ?? ''}
        onChange={({ target }) => onChange(target.value === '' ? null : target.value)}
      >
        <option value="">Any</option>
        {isOther && <option value={action}>{actionText(action)}</option>}
        {knownActions.map(([known, text]) => (
          <option key={known} value={known}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function CameraFilter({
  cameraId,
  onChange,
}: {
  cameraId: string | null;
  onChange: ChoiceProps['onChange'];
}) {
  const { cameras } = useCameras();
  const isDeleted = cameraId !== null && cameras?.some(({ id }) => id === cameraId) !== true;
  return (
    <label>
      <span>Camera</span>
      <select
        value={cameraId ?? ''}
        onChange={({ target }) => onChange(target.value === '' ? null : target.value)}
      >
        <option value="">Any</option>
        {isDeleted && <option value={cameraId}>{cameraId}</option>}
        {cameras?.map((camera) => (
          <option key={camera.id} value={camera.id}>
            {displayNameOf(camera)}
          </option>
        ))}
      </select>
    </label>
  );
}

function TimeFilter({ label, value, onChange }: ChoiceProps & { label: string }) {
  return (
    <label>
      <span>{label}</span>
      <input
        type="datetime-local"
        value={localInputText(value)}
        onChange={({ target }) => onChange(parseLocalInput(target.value))}
      />
    </label>
  );
}
