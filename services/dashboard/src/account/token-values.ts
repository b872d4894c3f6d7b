import { createTokenSchema } from '@camplane/contracts/access';
import type { CameraScope, CreateToken, PermissionName } from '@camplane/contracts/access';
import { fieldsOf } from '@camplane/contracts/problem';
import { exactDayText } from '../wording/access.ts';

export type TokenValues = {
  name: string;
  permissions: readonly PermissionName[];
  scope: CameraScope;
  /** Null: does not expire. */
  expiresInDays: number | null;
};

export const newTokenValues: TokenValues = {
  name: '',
  permissions: ['camera.view'],
  scope: { kind: 'all' },
  expiresInDays: 365,
};

export const expiryChoices: readonly (readonly [days: number | null, text: string])[] = [
  [7, 'in 7 days'],
  [30, 'in 30 days'],
  [90, 'in 90 days'],
  [365, 'in a year'],
  [null, 'never'],
];

const dayMs = 24 * 60 * 60 * 1000;

export type TokenErrors = { name?: string; permissions?: string; scope?: string };

/** The request body, or the first error of each invalid field. */
export function tokenBodyOf(
  { name, permissions, scope, expiresInDays }: TokenValues,
  nowMs: number,
): { body: CreateToken } | { errors: TokenErrors } {
  const parsed = createTokenSchema.safeParse({
    name: name.trim(),
    permissions,
    scope,
    expiresAt: expiresInDays === null ? null : new Date(nowMs + expiresInDays * dayMs).toISOString(),
  });
  if (parsed.success) return { body: parsed.data };
  const errors: TokenErrors = {};
  for (const { path, message } of fieldsOf(parsed.error)) {
    const field = path.split('.', 1)[0];
    if (field === 'name' || field === 'permissions' || field === 'scope') errors[field] ??= message;
  }
  return { errors };
}

export function tokenExpiryText(expiresAt: string | null, nowMs: number): string {
  if (expiresAt === null) return 'does not expire';
  const atMs = Date.parse(expiresAt);
  return atMs <= nowMs ? 'expired' : `expires ${exactDayText(atMs)}`;
}
