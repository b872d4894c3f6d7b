import { useEffect, useRef } from 'react';
import { asSentence, fieldId } from './field.tsx';
import type { FieldName, FormErrors } from './form-values.ts';

/** In page order. */
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
  labels: 'Labels',
  mode: 'Mode',
  timestamp: 'Timestamp',
  boxes: 'Boxes',
  masks: 'Privacy masks',
  audio: 'Sound',
  enabled: 'Enabled',
  onDemand: 'Start',
  idleSeconds: 'Idle time',
  detection: 'Detection',
  detectors: 'Detectors',
  minConfidence: 'Minimum confidence',
  framesFps: 'Frames per second',
  frameWidth: 'Width of the frames',
};

type Props = {
  errors: FormErrors;
  message: string | null;
  /** Increases with each failed attempt. */
  attempt: number;
};

/** Why the form was not saved, with links to the invalid fields. Each failed attempt focuses the first one. */
export function ErrorSummary({ errors, message, attempt }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (attempt === 0) return;
    const first = (Object.keys(labels) as FieldName[]).find((name) => errors.fields[name] !== undefined);
    const control = first === undefined ? null : document.getElementById(fieldId(first));
    (control ?? box.current)?.focus();
    // Correcting an error must not move the focus.
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
