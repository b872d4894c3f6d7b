import { useId } from 'react';
import type { ReactNode } from 'react';
import type { FieldName } from './form-values.ts';

/** The id of a field's control, so that the summary of errors can lead to it. */
export function fieldId(name: FieldName): string {
  return `field-${name}`;
}

export type ControlProps = {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean | undefined;
};

type Props = {
  name: FieldName;
  label: string;
  hint?: ReactNode;
  error: string | undefined;
  optional?: boolean;
  children: (control: ControlProps) => ReactNode;
};

/** A labelled control with its hint and its error, both told to screen readers. */
export function Field({ name, label, hint, error, optional = false, children }: Props) {
  const base = useId();
  const hintId = `${base}-hint`;
  const errorId = `${base}-error`;
  const describedBy = [
    ...(hint === undefined ? [] : [hintId]),
    ...(error === undefined ? [] : [errorId]),
  ].join(' ');
  return (
    <div className={error === undefined ? 'field' : 'field field-invalid'}>
      <label htmlFor={fieldId(name)}>
        {label}
        {optional && <span className="muted"> (optional)</span>}
      </label>
      {children({
        id: fieldId(name),
        'aria-describedby': describedBy === '' ? undefined : describedBy,
        'aria-invalid': error === undefined ? undefined : true,
      })}
      {hint !== undefined && (
        <p id={hintId} className="field-hint">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={errorId} className="field-error">
          {asSentence(error)}
        </p>
      )}
    </div>
  );
}

type ToggleProps = {
  name: FieldName;
  label: string;
  hint?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
};

export function Toggle({ name, label, hint, checked, onChange }: ToggleProps) {
  const hintId = useId();
  return (
    <div className="toggle">
      <input
        id={fieldId(name)}
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        aria-describedby={hint === undefined ? undefined : hintId}
      />
      <div>
        <label htmlFor={fieldId(name)}>{label}</label>
        {hint !== undefined && (
          <p id={hintId} className="field-hint">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}

/** The schema's messages continue the field's name: `must not be empty`. */
export function asSentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}
