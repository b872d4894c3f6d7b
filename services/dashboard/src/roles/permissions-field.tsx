import { permissionNameSchema } from '@camplane/contracts/access';
import type { PermissionName } from '@camplane/contracts/access';
import { useId } from 'react';
import { asSentence } from '../camera-form/field.tsx';
import { permissionTexts } from '../wording/access.ts';

type Props = {
  legend: string;
  offered: readonly PermissionName[];
  permissions: readonly PermissionName[];
  onChange: (permissions: readonly PermissionName[]) => void;
  error: string | undefined;
};

export function PermissionsField({ legend, offered, permissions, onChange, error }: Props) {
  const id = useId();
  const toggle = (name: PermissionName, checked: boolean) =>
    onChange(
      permissionNameSchema.options.filter((one) => (one === name ? checked : permissions.includes(one))),
    );
  return (
    <fieldset className="choices" aria-describedby={error === undefined ? undefined : id}>
      <legend>{legend}</legend>
      {offered.map((name) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={permissions.includes(name)}
            onChange={({ target }) => toggle(name, target.checked)}
          />
          <span>{permissionTexts[name].long}</span>
        </label>
      ))}
      {error !== undefined && (
        <p id={id} className="field-error">
          {asSentence(error)}
        </p>
      )}
    </fieldset>
  );
}
