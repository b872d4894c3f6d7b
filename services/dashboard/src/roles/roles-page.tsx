import type { Role } from '@camplane/contracts/access';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { useApp } from '../app-context.tsx';
import { ConfirmDialog } from '../interface/confirm-dialog.tsx';
import { Icon } from '../interface/icon.tsx';
import { LoadFailure } from '../interface/load-failure.tsx';
import { Notice } from '../interface/notice.tsx';
import { useAction } from '../interface/use-action.ts';
import { useRoles } from '../users/use-roles.ts';
import { roleHint } from '../wording/access.ts';
import { RoleForm } from './role-form.tsx';

/** The roles of every installation, and those of this one, which can be changed. */
export function RolesPage() {
  const { announce } = useApp();
  const { value: roles, error, reload } = useRoles();
  const [edited, setEdited] = useState<Role | 'new' | null>(null);
  const [asked, setAsked] = useState<Role | null>(null);
  const deletion = useAction();
  const remove = ({ name }: Role) =>
    deletion.run(async () => {
      await api.deleteRole({ id: name });
      setAsked(null);
      announce(`Role ${name} deleted.`);
      reload();
    });
  const saved = (name: string) => {
    setEdited(null);
    announce(`Role ${name} saved.`);
    reload();
  };
  return (
    <div className="form-page">
      <div className="page-head">
        <h1>Roles</h1>
        {edited !== 'new' && (
          <button type="button" className="button button-primary" onClick={() => setEdited('new')}>
            <Icon name="plus" />
            Add role
          </button>
        )}
      </div>
      <p className="muted">A role is a set of permissions. Users get it on all or on chosen cameras.</p>
      <LoadFailure what="The roles" error={error} retry={reload} />
      {edited === 'new' && (
        <RoleForm role={null} taken={roles ?? []} onSaved={saved} onCancel={() => setEdited(null)} />
      )}
      <ul className="rows rows-boxed">
        {roles?.map((role) => (
          <li className="row" key={role.name}>
            {edited === role ? (
              <RoleForm role={role} taken={[]} onSaved={saved} onCancel={() => setEdited(null)} />
            ) : (
              <RoleSummary role={role} edit={() => setEdited(role)} remove={() => setAsked(role)} />
            )}
          </li>
        ))}
      </ul>
      {asked !== null && (
        <ConfirmDialog
          title={`Delete the role ${asked.name}?`}
          confirmLabel="Delete role"
          pending={deletion.pending}
          onConfirm={() => void remove(asked)}
          onCancel={() => setAsked(null)}
        >
          <p>Only a role that no user has can be deleted.</p>
          {deletion.error !== null && <Notice tone="error">{deletion.error}</Notice>}
        </ConfirmDialog>
      )}
    </div>
  );
}

function RoleSummary({ role, edit, remove }: { role: Role; edit: () => void; remove: () => void }) {
  return (
    <>
      <div className="row-text">
        <strong>{role.name}</strong>
        <span className="muted">{roleHint(role)}</span>
      </div>
      {role.builtIn ? (
        <span className="muted">built in</span>
      ) : (
        <div className="button-row">
          <button type="button" className="button button-small" onClick={edit}>
            Edit<span className="visually-hidden"> {role.name}</span>
          </button>
          <button type="button" className="button button-small button-quiet-danger" onClick={remove}>
            Delete<span className="visually-hidden"> {role.name}</span>
          </button>
        </div>
      )}
    </>
  );
}
