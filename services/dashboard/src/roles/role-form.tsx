import { permissionNameSchema, replaceRoleSchema, roleNameSchema } from '@camplane/contracts/access';
import type { PermissionName, Role } from '@camplane/contracts/access';
import { useState } from 'react';
import type { SyntheticEvent } from 'react';
import { api } from '../api/client.ts';
import { asSentence } from '../camera-form/field.tsx';
import { Notice } from '../interface/notice.tsx';
import { TextInput, verbatim } from '../interface/text-input.tsx';
import { useAction } from '../interface/use-action.ts';
import { PermissionsField } from './permissions-field.tsx';

type Props = {
  /** Null: a new one. */
  role: Role | null;
  taken: readonly Role[];
  onSaved: (name: string) => void;
  onCancel: () => void;
};

export function RoleForm({ role, taken, onSaved, onCancel }: Props) {
  const [name, setName] = useState(role?.name ?? '');
  const [permissions, setPermissions] = useState<readonly PermissionName[]>(
    role?.permissions ?? ['camera.view'],
  );
  const [errors, setErrors] = useState<{ name?: string; permissions?: string }>({});
  const action = useAction();

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const checkedName = roleNameSchema.safeParse(name);
    const body = replaceRoleSchema.safeParse({ permissions });
    const nameError = taken.some((one) => one.name === name)
      ? 'is used by another role'
      : checkedName.error?.issues[0]?.message;
    const permissionsError = body.error?.issues[0]?.message;
    setErrors({
      ...(nameError === undefined ? {} : { name: nameError }),
      ...(permissionsError === undefined ? {} : { permissions: permissionsError }),
    });
    if (nameError !== undefined || !body.success) return;
    void action.run(async () => {
      await api.replaceRole({ id: name, body: body.data });
      onSaved(name);
    });
  };

  return (
    <form
      className={role === null ? 'section' : 'stacked'}
      aria-label={role === null ? 'New role' : `Role ${role.name}`}
      onSubmit={submit}
      noValidate
    >
      {role === null ? (
        <TextInput
          {...verbatim}
          label="Name"
          hint="Lower-case letters, digits and hyphens, such as night-shift."
          maxLength={63}
          autoFocus
          value={name}
          onText={(text) => setName(text.toLowerCase())}
          error={errors.name === undefined ? null : asSentence(errors.name)}
        />
      ) : (
        <strong>{role.name}</strong>
      )}
      <PermissionsField
        legend="It may"
        offered={permissionNameSchema.options}
        permissions={permissions}
        onChange={setPermissions}
        error={errors.permissions}
      />
      {action.error !== null && <Notice tone="error">{action.error}</Notice>}
      <div className="button-row">
        <button type="submit" className="button button-primary" disabled={action.pending}>
          {action.pending ? 'Saving…' : 'Save role'}
        </button>
        <button type="button" className="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
