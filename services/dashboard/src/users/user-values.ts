import { createUserSchema, replaceUserSchema } from '@camplane/contracts/access';
import type { CreateUser, Grant, ReplaceUser, User } from '@camplane/contracts/access';
import { fieldsOf } from '@camplane/contracts/problem';
import type { FieldError } from '@camplane/api-client/api-error';

/** What the forms for users edit. `username` and `password` only for new users. */
export type UserValues = {
  username: string;
  displayName: string;
  password: string;
  enabled: boolean;
  grants: readonly Grant[];
};

/** Keys are `username`, `displayName`, `password` and `grants.0`, `grants.1` …; `other` belongs to no field. */
export type UserErrors = Readonly<Record<string, string>>;

export const newGrant: Grant = { role: 'viewer', scope: { kind: 'cameras', ids: [] } };

export function newUserValues(password: string): UserValues {
  return { username: '', displayName: '', password, enabled: true, grants: [newGrant] };
}

export function valuesOfUser({ username, displayName, enabled, grants }: User): UserValues {
  return { username, displayName, password: '', enabled, grants };
}

type Checked<T> = { body: T } | { errors: UserErrors };

export function createUserBody(values: UserValues): Checked<CreateUser> {
  const parsed = createUserSchema.safeParse({ ...values, displayName: values.displayName.trim() });
  return parsed.success ? { body: parsed.data } : { errors: userErrorsOf(fieldsOf(parsed.error)) };
}

export function replaceUserBody({ displayName, enabled, grants }: UserValues): Checked<ReplaceUser> {
  const parsed = replaceUserSchema.safeParse({ displayName: displayName.trim(), enabled, grants });
  return parsed.success ? { body: parsed.data } : { errors: userErrorsOf(fieldsOf(parsed.error)) };
}

/** The errors left after some fields were edited. Editing grants can move them, so it clears the errors of all. */
export function withoutErrorsOf(errors: UserErrors, edited: readonly string[]): UserErrors {
  return Object.fromEntries(
    Object.entries(errors).filter(([key]) => !edited.includes(key.split('.', 1)[0] ?? key)),
  );
}

/** The first error of each field. Errors inside a grant count for the grant. */
export function userErrorsOf(fields: readonly FieldError[]): UserErrors {
  const errors: Record<string, string> = {};
  for (const { path, message } of fields) {
    const grant = /^grants\.\d+/.exec(path)?.[0];
    const known = ['username', 'displayName', 'password'].includes(path) ? path : 'other';
    const key = grant ?? known;
    errors[key] ??= known === 'other' && grant === undefined ? `${path} ${message}` : message;
  }
  return errors;
}
