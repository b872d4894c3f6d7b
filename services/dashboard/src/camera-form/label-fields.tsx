import { useRef } from 'react';
import { verbatim } from '../interface/text-input.tsx';
import { asSentence, fieldId } from './field.tsx';
import type { Form } from './field.tsx';
import { labelRowsMax } from './label-rows.ts';
import type { LabelRow } from './label-rows.ts';

/** Names and values that group cameras: users can be given the cameras with a label. */
export function LabelFields({ form: { values, errors, change } }: { form: Form }) {
  const group = useRef<HTMLDivElement>(null);
  const { labels } = values;
  const error = errors.fields.labels;
  const replace = (index: number, changes: Partial<LabelRow>) =>
    change({ labels: labels.map((row, position) => (position === index ? { ...row, ...changes } : row)) });
  const add = () => {
    change({ labels: [...labels, { key: '', value: '' }] });
    requestAnimationFrame(() =>
      group.current?.querySelector<HTMLElement>('.label-pair:last-of-type input')?.focus(),
    );
  };
  return (
    <div
      ref={group}
      id={fieldId('labels')}
      className={error === undefined ? 'field' : 'field field-invalid'}
      role="group"
      aria-labelledby="labels-title"
      tabIndex={-1}
    >
      <span id="labels-title" className="field-title">
        Labels <span className="muted">(optional)</span>
      </span>
      <p className="field-hint">
        Group cameras, such as site = north. A user can be given all cameras with a label.
      </p>
      {labels.map((row, index) => (
        <div className="label-pair" key={index}>
          <input
            {...verbatim}
            aria-label={`Name of label ${index + 1}`}
            placeholder="site"
            maxLength={63}
            value={row.key}
            onChange={({ target }) => replace(index, { key: target.value })}
          />
          <span aria-hidden="true">=</span>
          <input
            {...verbatim}
            aria-label={`Value of label ${index + 1}`}
            placeholder="north"
            maxLength={63}
            value={row.value}
            onChange={({ target }) => replace(index, { value: target.value })}
          />
          <button
            type="button"
            className="button button-small"
            onClick={() => change({ labels: labels.filter((_, position) => position !== index) })}
            aria-label={`Remove label ${row.key === '' ? index + 1 : row.key}`}
          >
            Remove
          </button>
        </div>
      ))}
      {error !== undefined && <p className="field-error">{asSentence(error)}</p>}
      {labels.length < labelRowsMax && (
        <div className="button-row">
          <button type="button" className="button button-small" onClick={add}>
            Add label
          </button>
        </div>
      )}
    </div>
  );
}
