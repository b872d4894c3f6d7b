import type { Grant, Role } from '@camplane/contracts/access';
import { useRef } from 'react';
import { newGrant } from './user-values.ts';
import type { UserErrors } from './user-values.ts';
import { ScopeField } from './scope-field.tsx';
import { roleHint } from '../wording/access.ts';

const grantsMax = 50;

type Props = {
  grants: readonly Grant[];
  roles: readonly Role[];
  errors: UserErrors;
  onChange: (grants: readonly Grant[]) => void;
};

/** What a user may do: roles, each on a set of cameras. */
export function GrantsField({ grants, roles, errors, onChange }: Props) {
  // A grant has no id. With its index as the key, removing the first would show its fields for the second.
  const keys = useRef<number[]>([]);
  const nextKey = useRef(0);
  while (keys.current.length < grants.length) keys.current.push(nextKey.current++);
  const replace = (index: number, grant: Grant) =>
    onChange(grants.map((one, position) => (position === index ? grant : one)));
  const remove = (index: number) => {
    keys.current.splice(index, 1);
    onChange(grants.filter((_, position) => position !== index));
  };
  return (
    <div className="grants">
      <h2 id="grants-title">Access</h2>
      {grants.length === 0 && <p className="muted">No access: this user can sign in and sees no camera.</p>}
      {grants.map((grant, index) => (
        <div className="grant" key={keys.current[index]} role="group" aria-label={`Access ${index + 1}`}>
          <label className="field">
            <span>Role</span>
            <select
              value={grant.role}
              onChange={({ target }) => replace(index, { ...grant, role: target.value })}
            >
              {rolesWith(roles, grant.role).map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
            <span className="field-hint">{roleHint(roles.find(({ name }) => name === grant.role))}</span>
          </label>
          <ScopeField
            legend="On which cameras"
            scope={grant.scope}
            onChange={(scope) => replace(index, { ...grant, scope })}
            error={errors[`grants.${index}`]}
          />
          {grants.length > 1 && (
            <div className="button-row">
              <button type="button" className="button button-small" onClick={() => remove(index)}>
                Remove<span className="visually-hidden"> access {index + 1}</span>
              </button>
            </div>
          )}
        </div>
      ))}
      {grants.length < grantsMax && (
        <div className="button-row">
          <button
            type="button"
            className="button button-small"
            onClick={() => onChange([...grants, newGrant])}
          >
            {grants.length === 0 ? 'Give access' : 'Add another role'}
          </button>
        </div>
      )}
    </div>
  );
}

/** A role that is not in the list stays selectable. */
function rolesWith(roles: readonly Role[], current: string): string[] {
  return [...new Set([...roles.map(({ name }) => name), current])];
}
