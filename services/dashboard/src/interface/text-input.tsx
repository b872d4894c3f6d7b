import { useId } from 'react';
import type { InputHTMLAttributes, ReactNode, Ref } from 'react';

type Props = {
  label: string;
  value: string;
  onText: (text: string) => void;
  hint?: ReactNode;
  error?: string | null | undefined;
  optional?: boolean;
  ref?: Ref<HTMLInputElement>;
} & Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'value' | 'onChange'>;

/** A labelled input with its hint and error, both announced by screen readers. */
export function TextInput({
  label,
  value,
  onText,
  hint,
  error = null,
  optional = false,
  ref,
  ...input
}: Props) {
  const id = useId();
  const describedBy = [hint === undefined ? '' : `${id}-hint`, error === null ? '' : `${id}-error`]
    .filter((one) => one !== '')
    .join(' ');
  return (
    <div className={error === null ? 'field' : 'field field-invalid'}>
      <label htmlFor={id}>
        {label}
        {optional && <span className="muted"> (optional)</span>}
      </label>
      <input
        {...input}
        id={id}
        ref={ref}
        value={value}
        onChange={({ target }) => onText(target.value)}
        aria-describedby={describedBy === '' ? undefined : describedBy}
        aria-invalid={error === null ? undefined : true}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
      {error !== null && (
        <p id={`${id}-error`} className="field-error">
          {error}
        </p>
      )}
    </div>
  );
}

/** For names, addresses and ids: no completion and no correction by the browser. */
export const verbatim = { autoCapitalize: 'none', autoComplete: 'off', spellCheck: false } as const;
