import { TextField, asSentence, fieldId } from './field.tsx';
import type { Form } from './field.tsx';

/** The camera's user name and password. A stored login is never shown, only kept, replaced or removed. */
export function LoginFields({ form, hasStored }: { form: Form; hasStored: boolean }) {
  const { values, errors, change } = form;
  if (values.login !== 'set') {
    const removing = values.login === 'remove';
    return (
      <div className="stored-login" id={fieldId('login')} tabIndex={-1} role="group" aria-label="Login">
        <p>
          {removing
            ? 'The stored login will be removed when you save.'
            : 'A login is stored. It is never shown.'}
        </p>
        <div className="button-row">
          {removing ? (
            <button type="button" className="button button-small" onClick={() => change({ login: 'keep' })}>
              Keep login
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
        <TextField form={form} name="username" label="User name" optional verbatim />
        <TextField
          form={form}
          name="password"
          label="Password"
          optional
          type="password"
          autoComplete="new-password"
        />
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
