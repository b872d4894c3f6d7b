import type { CreateToken, PermissionName } from '@camplane/contracts/access';
import { permissionNameSchema } from '@camplane/contracts/access';
import { useState } from 'react';
import type { SyntheticEvent } from 'react';
import { usePermits } from '../app-context.tsx';
import { asSentence } from '../camera-form/field.tsx';
import { Notice } from '../interface/notice.tsx';
import { TextInput } from '../interface/text-input.tsx';
import { useAction } from '../interface/use-action.ts';
import { PermissionsField } from '../roles/permissions-field.tsx';
import { ScopeField } from '../users/scope-field.tsx';
import { expiryChoices, newTokenValues, tokenBodyOf } from './token-values.ts';
import type { TokenErrors, TokenValues } from './token-values.ts';

type Props = { create: (body: CreateToken) => Promise<void>; onCancel: () => void };

export function TokenForm({ create, onCancel }: Props) {
  const permits = usePermits();
  const [values, setValues] = useState<TokenValues>(newTokenValues);
  const [errors, setErrors] = useState<TokenErrors>({});
  const action = useAction();
  const change = (changes: Partial<TokenValues>) => {
    setValues((before) => ({ ...before, ...changes }));
    setErrors({});
  };
  const offered: readonly PermissionName[] = permissionNameSchema.options.filter(permits.some);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const checked = tokenBodyOf(values, Date.now());
    if ('errors' in checked) return setErrors(checked.errors);
    setErrors({});
    void action.run(() => create(checked.body));
  };

  return (
    <form className="stacked nested" aria-label="New token" onSubmit={submit} noValidate>
      <TextInput
        label="Name"
        hint="What uses it, such as Home Assistant."
        maxLength={64}
        autoComplete="off"
        autoFocus
        value={values.name}
        onText={(name) => change({ name })}
        error={errors.name === undefined ? null : asSentence(errors.name)}
      />
      <label className="field">
        <span>Expires</span>
        <select
          value={values.expiresInDays ?? ''}
          onChange={({ target }) =>
            change({ expiresInDays: target.value === '' ? null : Number(target.value) })
          }
        >
          {expiryChoices.map(([days, text]) => (
            <option key={text} value={days ?? ''}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <PermissionsField
        legend="It may"
        offered={offered}
        permissions={values.permissions}
        onChange={(permissions) => change({ permissions })}
        error={errors.permissions}
      />
      <ScopeField
        legend="On which cameras"
        scope={values.scope}
        onChange={(scope) => change({ scope })}
        error={errors.scope}
      />
      {action.error !== null && <Notice tone="error">{action.error}</Notice>}
      <div className="button-row">
        <button type="submit" className="button button-primary" disabled={action.pending}>
          {action.pending ? 'Creating…' : 'Create token'}
        </button>
        <button type="button" className="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
