import { useEffect, useRef } from 'react';
import { asSentence, fieldId } from './field.tsx';
import type { FieldName, FormErrors } from './form-values.ts';

/** In the order of the page, which is the order in which errors are gone through. */
const labels: Record<FieldName, string> = {
  url: 'Address',
  login: 'Login',
  username: 'User name',
  password: 'Password',
  subUrl: 'Sub stream address',
  transport: 'Transport',
  displayName: 'Name',
  id: 'Id',
  description: 'Description',
  mode: 'Mode',
  timestamp: 'Timestamp',
  boxes: 'Boxes',
  masks: 'Privacy masks',
  audio: 'Sound',
  enabled: 'Switched on',
  onDemand: 'Start',
  idleSeconds: 'Idle time',
  detection: 'Detection',
  detectors: 'Detectors',
  minConfidence: 'How sure',
  framesFps: 'Pictures a second',
  frameWidth: 'Size of the pictures',
};

type Props = {
  errors: FormErrors;
  message: string | null;
  /** Rises with each failed attempt. */ attempt: number;
};

/** Why the form was not saved; takes the focus at each failed attempt, and leads to the fields at fault. */
export function ErrorSummary({ errors, message, attempt }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (attempt === 0) return;
    const first = (Object.keys(labels) as FieldName[]).find((name) => errors.fields[name] !== undefined);
    const control = first === undefined ? null : document.getElementById(fieldId(first));
    (control ?? box.current)?.focus();
    // Only a new attempt moves the focus, not an error that is corrected while typing.
  }, [attempt]);
  const names = (Object.keys(labels) as FieldName[]).filter((name) => errors.fields[name] !== undefined);
  if (names.length === 0 && errors.other.length === 0 && message === null) return null;
  return (
    <div className="notice notice-error" role="alert" tabIndex={-1} ref={box}>
      <p>
        <strong>{message ?? 'The camera was not saved.'}</strong>
      </p>
      {names.length + errors.other.length > 0 && (
        <ul>
          {names.map((name) => (
            <li key={name}>
              <a
                href={`#${fieldId(name)}`}
                onClick={(event) => {
                  event.preventDefault();
                  document.getElementById(fieldId(name))?.focus();
                }}
              >
                {labels[name]}
              </a>
              : {asSentence(errors.fields[name] ?? '')}
            </li>
          ))}
          {errors.other.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
