import { Field, asSentence, fieldId } from './field.tsx';
import type { FormErrors, FormValues } from './form-values.ts';

type Props = {
  values: FormValues;
  errors: FormErrors;
  hasStored: boolean;
  change: (changes: Partial<FormValues>) => void;
};

/** The camera's user name and password. What is stored is never shown: it is kept, replaced or removed. */
export function LoginFields({ values, errors, hasStored, change }: Props) {
  if (values.login !== 'set') {
    const removing = values.login === 'remove';
    return (
      <div className="stored-login" id={fieldId('login')} tabIndex={-1} role="group" aria-label="Login">
        <p>
          {removing
            ? 'The stored user name and password will be removed when you save.'
            : 'A user name and password are stored. They are never shown.'}
        </p>
        <div className="button-row">
          {removing ? (
            <button type="button" className="button button-small" onClick={() => change({ login: 'keep' })}>
              Keep them
            </button>
          ) : (
            <>
              <button type="button" className="button button-small" onClick={() => change({ login: 'set' })}>
                Replace
              </button>
              <button
                type="button"
                className="button button-small"
                onClick={() => change({ login: 'remove' })}
              >
                Remove
              </button>
            </>
          )}
        </div>
        {errors.fields.login !== undefined && (
          <p className="field-error">{asSentence(errors.fields.login)}</p>
        )}
      </div>
    );
  }
  return (
    <>
      <div className="field-pair">
        <Field name="username" label="User name" optional error={errors.fields.username}>
          {(control) => (
            <input
              {...control}
              value={values.username}
              onChange={(event) => change({ username: event.target.value })}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
            />
          )}
        </Field>
        <Field name="password" label="Password" optional error={errors.fields.password}>
          {(control) => (
            <input
              {...control}
              type="password"
              value={values.password}
              onChange={(event) => change({ password: event.target.value })}
              autoComplete="new-password"
            />
          )}
        </Field>
      </div>
      {hasStored && (
        <button
          type="button"
          className="button button-small"
          onClick={() => change({ login: 'keep', username: '', password: '' })}
        >
          Keep the stored login
        </button>
      )}
    </>
  );
}
