import { useId } from 'react';
import type { InputHTMLAttributes, ReactNode } from 'react';
import type { FieldName, FormErrors, FormValues } from './form-values.ts';

/** The id of a field's control, for links from the error summary. */
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

/** A labelled control with its hint and error, both announced by screen readers. */
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

function Toggle({ name, label, hint, checked, onChange }: ToggleProps) {
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

export type Form = {
  values: FormValues;
  errors: FormErrors;
  change: (changes: Partial<FormValues>) => void;
};

/** The fields with values of type `T`. */
type FieldOf<T> = { [Name in FieldName]: FormValues[Name] extends T ? Name : never }[FieldName];
/** The fields with free text. */
type TextName = {
  [Name in FieldOf<string>]: string extends FormValues[Name] ? Name : never;
}[FieldOf<string>];

type TextFieldProps = Omit<Props, 'name' | 'error' | 'children'> & {
  form: Form;
  name: TextName;
  /** Disables completion and correction by the browser, for addresses, user names and ids. */
  verbatim?: boolean;
  /** Replaces the default change of this field. */
  onText?: (text: string) => void;
} & Pick<
    InputHTMLAttributes<HTMLInputElement>,
    'type' | 'inputMode' | 'placeholder' | 'className' | 'autoComplete' | 'onBlur'
  >;

export function TextField(props: TextFieldProps) {
  const { form, name, label, hint, optional = false, verbatim = false, onText, ...input } = props;
  const asTyped = verbatim ? { autoCapitalize: 'none', autoComplete: 'off', spellCheck: false } : {};
  return (
    <Field name={name} label={label} hint={hint} optional={optional} error={form.errors.fields[name]}>
      {(control) => (
        <input
          {...asTyped}
          {...input}
          {...control}
          value={form.values[name]}
          onChange={({ target }) => (onText ? onText(target.value) : form.change({ [name]: target.value }))}
        />
      )}
    </Field>
  );
}

type ToggleFieldProps = { form: Form; name: FieldOf<boolean>; label: string; hint?: string };

export function ToggleField({ form, name, ...rest }: ToggleFieldProps) {
  return (
    <Toggle
      {...rest}
      name={name}
      checked={form.values[name]}
      onChange={(checked) => form.change({ [name]: checked })}
    />
  );
}

/** The schema's messages are fragments such as `must not be empty`. */
export function asSentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}
