import { ApiError } from '@camplane/api-client/api-error';
import type { Grant, Role } from '@camplane/contracts/access';
import { useRef, useState } from 'react';
import type { ReactNode, SyntheticEvent } from 'react';
import { messageOf } from '../api/message-of.ts';
import { useCameras } from '../app-context.tsx';
import { Notice } from '../interface/notice.tsx';
import type { Route } from '../routing/route.ts';
import { RouteLink } from '../routing/route-link.tsx';
import { grantsText } from '../wording/access.ts';
import { GrantsField } from './grants-field.tsx';
import { userErrorsOf, withoutErrorsOf } from './user-values.ts';
import type { UserErrors, UserValues } from './user-values.ts';

type Props<Body> = {
  initial: UserValues;
  roles: readonly Role[];
  submitLabel: string;
  cancelTo: Route;
  /** Why the grants cannot be changed; null: they can. */
  grantsNote?: string | null;
  check: (values: UserValues) => { body: Body } | { errors: UserErrors };
  /** Its errors are shown in the form. */
  save: (body: Body) => Promise<void>;
  fields: (form: UserFields) => ReactNode;
};

export type UserFields = {
  values: UserValues;
  errors: UserErrors;
  change: (changes: Partial<UserValues>) => void;
};

/** Adds or edits a user. */
export function UserForm<Body>(props: Props<Body>) {
  const { initial, roles, submitLabel, cancelTo, grantsNote = null, check, save, fields } = props;
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<UserErrors>({});
  const [pending, setPending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const change = (changes: Partial<UserValues>) => {
    setValues((before) => ({ ...before, ...changes }));
    setErrors((before) => withoutErrorsOf(before, Object.keys(changes)));
  };

  const fail = (found: UserErrors) => {
    setErrors(found);
    // After the errors are rendered.
    requestAnimationFrame(() =>
      form.current
        ?.querySelector<HTMLElement>('[aria-invalid="true"], fieldset[aria-describedby] input, .notice-error')
        ?.focus(),
    );
  };
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (pending) return;
    const checked = check(values);
    if ('errors' in checked) return fail(checked.errors);
    setErrors({});
    setPending(true);
    try {
      await save(checked.body);
    } catch (error) {
      fail(errorsOf(error));
    } finally {
      setPending(false);
    }
  };

  return (
    <form ref={form} className="stacked" onSubmit={(event) => void submit(event)} noValidate>
      <div className="section">{fields({ values, errors, change })}</div>
      <div className="section">
        {grantsNote === null ? (
          <GrantsField
            grants={values.grants}
            roles={roles}
            errors={errors}
            onChange={(grants) => change({ grants })}
          />
        ) : (
          <FixedGrants grants={initial.grants} note={grantsNote} />
        )}
      </div>
      {errors['other'] !== undefined && <Notice tone="error">{errors['other']}</Notice>}
      <div className="form-actions">
        <button type="submit" className="button button-primary" disabled={pending}>
          {pending ? 'Saving…' : submitLabel}
        </button>
        <RouteLink className="button" to={cancelTo}>
          Cancel
        </RouteLink>
      </div>
    </form>
  );
}

function FixedGrants({ grants, note }: { grants: readonly Grant[]; note: string }) {
  const { cameras } = useCameras();
  return (
    <>
      <h2>Access</h2>
      <p>{grantsText(grants, cameras ?? [])}</p>
      <p className="field-hint">{note}</p>
    </>
  );
}

function errorsOf(error: unknown): UserErrors {
  if (!(error instanceof ApiError)) return { other: messageOf(error) };
  if (error.code === 'user-exists') return { username: 'is used by another user' };
  if (error.fields.length > 0) return userErrorsOf(error.fields);
  return { other: error.message };
}
