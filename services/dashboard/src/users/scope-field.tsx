import type { CameraScope } from '@camplane/contracts/access';
import { Fragment, useId, useState } from 'react';
import { asSentence } from '../camera-form/field.tsx';
import { useCameras } from '../app-context.tsx';
import { verbatim } from '../interface/text-input.tsx';
import { displayNameOf } from '../live/cameras-state.ts';

type Props = {
  legend: string;
  scope: CameraScope;
  onChange: (scope: CameraScope) => void;
  error: string | undefined;
};

const kinds = [
  ['all', 'All cameras', 'Also those added later'],
  ['cameras', 'Chosen cameras', null],
  ['label', 'Cameras with a label', 'Also those that get the label later'],
] as const;

/** All cameras, chosen ones, or those with a label. What was chosen survives a change of the kind. */
export function ScopeField({ legend, scope, onChange, error }: Props) {
  const base = useId();
  const [ids, setIds] = useState<readonly string[]>(scope.kind === 'cameras' ? scope.ids : []);
  const [label, setLabel] = useState<Label>(
    scope.kind === 'label' ? { key: scope.key, value: scope.value } : { key: '', value: '' },
  );
  const choose = (kind: CameraScope['kind']) => {
    if (kind === 'all') onChange({ kind });
    else if (kind === 'cameras') onChange({ kind, ids: [...ids] });
    else onChange({ kind, ...label });
  };
  return (
    <fieldset className="choices" aria-describedby={error === undefined ? undefined : `${base}-error`}>
      <legend>{legend}</legend>
      {kinds.map(([kind, text, hint]) => (
        <Fragment key={kind}>
          <label>
            <input type="radio" name={base} checked={scope.kind === kind} onChange={() => choose(kind)} />
            <span>
              {text}
              {hint !== null && <span className="field-hint">{hint}</span>}
            </span>
          </label>
          {kind === 'cameras' && scope.kind === kind && (
            <CameraChoice
              ids={ids}
              onChange={(next) => {
                setIds(next);
                onChange({ kind, ids: [...next] });
              }}
            />
          )}
          {kind === 'label' && scope.kind === kind && (
            <LabelPair
              label={label}
              onChange={(next) => {
                setLabel(next);
                onChange({ kind, ...next });
              }}
            />
          )}
        </Fragment>
      ))}
      {error !== undefined && (
        <p id={`${base}-error`} className="field-error">
          {asSentence(error)}
        </p>
      )}
    </fieldset>
  );
}

type Label = { key: string; value: string };

function LabelPair({ label, onChange }: { label: Label; onChange: (label: Label) => void }) {
  return (
    <div className="label-pair">
      <input
        {...verbatim}
        aria-label="Label"
        placeholder="site"
        maxLength={63}
        value={label.key}
        onChange={({ target }) => onChange({ ...label, key: target.value })}
      />
      <span aria-hidden="true">=</span>
      <input
        {...verbatim}
        aria-label="Value"
        placeholder="north"
        maxLength={63}
        value={label.value}
        onChange={({ target }) => onChange({ ...label, value: target.value })}
      />
    </div>
  );
}

function CameraChoice({
  ids,
  onChange,
}: {
  ids: readonly string[];
  onChange: (ids: readonly string[]) => void;
}) {
  const { cameras } = useCameras();
  const known = cameras ?? [];
  // A grant may name cameras that no longer exist.
  const gone = ids.filter((id) => !known.some((camera) => camera.id === id));
  const rows = [
    ...known.map((camera) => ({ id: camera.id, name: displayNameOf(camera) })),
    ...gone.map((id) => ({ id, name: `${id} (not found)` })),
  ];
  if (rows.length === 0) return <p className="muted">There are no cameras yet.</p>;
  return (
    <div className="camera-choice" role="group" aria-label="Cameras">
      {rows.map(({ id, name }) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={ids.includes(id)}
            onChange={({ target }) =>
              onChange(target.checked ? [...ids, id] : ids.filter((one) => one !== id))
            }
          />
          <span>{name}</span>
        </label>
      ))}
    </div>
  );
}
