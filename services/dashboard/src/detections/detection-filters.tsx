import { useEffect, useId, useState } from 'react';
import { useCameras } from '../app-context.tsx';
import { Icon } from '../interface/icon.tsx';
import { displayNameOf } from '../live/cameras-state.ts';
import {
  collapsedFilterCount,
  isFiltered,
  localInputText,
  parseLocalInput,
  noFilter,
} from './detection-filter.ts';
import type { DetectionFilter } from './detection-filter.ts';

type Props = {
  filter: DetectionFilter;
  /** Suggestions; any other label is allowed. */
  labels: readonly string[];
  change: (changes: Partial<DetectionFilter>) => void;
};

const confidences = [0.5, 0.6, 0.7, 0.8, 0.9] as const;

/** On a narrow screen, less used filters are collapsed behind a button that shows their number. */
export function DetectionFilters({ filter, labels, change }: Props) {
  const base = useId();
  const [expanded, setExpanded] = useState(false);
  const hidden = collapsedFilterCount(filter);
  const { minConfidence } = filter;
  const levels = minConfidence === null ? confidences : [...new Set([...confidences, minConfidence])].sort();
  return (
    <form className="filters" role="search" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <CameraFilter filter={filter} change={change} />
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
        <LabelFilter label={filter.label} labels={labels} onChange={(label) => change({ label })} />
        <label>
          <span>Confidence</span>
          <select
            value={minConfidence ?? ''}
            onChange={({ target }) =>
              change({ minConfidence: target.value === '' ? null : Number(target.value) })
            }
          >
            <option value="">Any</option>
            {levels.map((level) => (
              <option key={level} value={level}>
                {Math.round(level * 100)} % or more
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>From</span>
          <input
            type="datetime-local"
            value={localInputText(filter.from)}
            onChange={({ target }) => change({ from: parseLocalInput(target.value) })}
          />
        </label>
        <label>
          <span>To</span>
          <input
            type="datetime-local"
            value={localInputText(filter.to)}
            onChange={({ target }) => change({ to: parseLocalInput(target.value) })}
          />
        </label>
      </div>
      <button
        type="button"
        className="chip"
        aria-pressed={filter.motion}
        onClick={() => change({ motion: !filter.motion })}
      >
        {filter.motion && <Icon name="check" />}
        Include motion
      </button>
      {isFiltered(filter) && (
        <button
          type="button"
          className="chip chip-plain"
          onClick={() => change({ ...noFilter, motion: filter.motion })}
        >
          Clear filters
        </button>
      )}
    </form>
  );
}

function CameraFilter({ filter, change }: Pick<Props, 'filter' | 'change'>) {
  const { cameras } = useCameras();
  const { cameraId } = filter;
  // Detections of a deleted camera are kept for a while.
  const isDeleted = cameraId !== null && cameras?.some(({ id }) => id === cameraId) !== true;
  return (
    <label className="filters-camera">
      <span>Camera</span>
      <select
        value={cameraId ?? ''}
        onChange={({ target }) => change({ cameraId: target.value === '' ? null : target.value })}
      >
        <option value="">All cameras</option>
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

type LabelProps = {
  label: string | null;
  labels: readonly string[];
  onChange: (label: string | null) => void;
};

/** Applied on Enter, on blur, or when a suggestion is chosen. */
function LabelFilter({ label, labels, onChange }: LabelProps) {
  const listId = useId();
  const [text, setText] = useState(label ?? '');
  useEffect(() => setText(label ?? ''), [label]);
  const apply = (typed: string) => {
    const next = typed.trim() === '' ? null : typed.trim();
    if (next !== label) onChange(next);
  };
  return (
    <label>
      <span>Label</span>
      <input
        list={listId}
        value={text}
        placeholder="Any"
        maxLength={64}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => {
          setText(target.value);
          if (target.value === '' || labels.includes(target.value)) apply(target.value);
        }}
        onBlur={() => apply(text)}
        onKeyDown={({ key }) => {
          if (key === 'Enter') apply(text);
        }}
      />
      <datalist id={listId}>
        {labels.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </label>
  );
}
