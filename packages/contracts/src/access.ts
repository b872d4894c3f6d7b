import { z } from 'zod';
import { cameraIdSchema } from './camera-id.ts';
import { withoutControlCharacters } from './control-characters.ts';
import { listParameter, numberParameter } from './query-parameters.ts';

/*
 * Who may do what: permissions, roles, grants, and the bodies of the operations on users, sessions, API tokens and the
 * audit log. Passwords, session secrets and tokens are returned once at most, when they are created.
 */

/**
 * What a principal may do. `camera.*` and `detection.*` are granted on cameras; the others on the installation.
 *
 * - `camera.view`: read a camera and its status, watch its video, follow its events
 * - `camera.operate`: start and stop a camera
 * - `camera.configure`: add, change, delete and probe cameras
 * - `detection.view`: read detections and their images
 * - `user.manage`: manage users, roles, and the sessions and API tokens of others
 * - `audit.view`: read the audit log
 */
export const permissionNameSchema = z.enum([
  'camera.view',
  'camera.operate',
  'camera.configure',
  'detection.view',
  'user.manage',
  'audit.view',
]);
export type PermissionName = z.infer<typeof permissionNameSchema>;

/** A role's name: a DNS label. */
export const roleNameSchema = cameraIdSchema;

/** The roles of every installation. They cannot be changed. */
export const builtInRoles = {
  viewer: ['camera.view', 'detection.view'],
  operator: ['camera.view', 'camera.operate', 'detection.view'],
  admin: permissionNameSchema.options,
} as const satisfies Record<string, readonly PermissionName[]>;

/** Key or value of a label, as in Kubernetes, without a prefix. */
export const labelKeySchema = z
  .string()
  .min(1)
  .max(63, 'must be at most 63 characters')
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/,
    'must begin and end with a letter or digit, with hyphens, dots and underscores between',
  );
export const labelValueSchema = z.union([z.literal(''), labelKeySchema]);

/** The cameras that a grant covers. */
export const cameraScopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({
    kind: z.literal('cameras'),
    ids: z.array(cameraIdSchema).min(1, 'must name at least one camera').max(1000),
  }),
  z.strictObject({ kind: z.literal('label'), key: labelKeySchema, value: labelValueSchema }),
]);
export type CameraScope = z.infer<typeof cameraScopeSchema>;

/** A role on a set of cameras. Permissions on the installation count only with the scope `all`. */
export const grantSchema = z.strictObject({ role: roleNameSchema, scope: cameraScopeSchema });
export type Grant = z.infer<typeof grantSchema>;

const grantsSchema = z.array(grantSchema).max(50, 'must be at most 50 grants');

export const usernameSchema = z
  .string()
  .min(1, 'must not be empty')
  .max(64, 'must be at most 64 characters')
  .regex(
    /^[a-z0-9]([a-z0-9._@-]*[a-z0-9])?$/,
    'must consist of lower-case letters, digits, dots, hyphens, underscores and @',
  );

/** A new password. The server also refuses the commonest passwords. */
export const newPasswordSchema = z
  .string()
  .min(12, 'must be at least 12 characters')
  .max(256, 'must be at most 256 characters');

/** How a user signs in. Name and grants of those who sign in elsewhere are set at each sign-in. */
export const signInSchema = z.enum(['password', 'oidc', 'proxy']);
export type SignIn = z.infer<typeof signInSchema>;

export const userSchema = z.object({
  id: z.uuid(),
  username: usernameSchema,
  displayName: z.string(),
  signIn: signInSchema,
  enabled: z.boolean(),
  grants: grantsSchema,
  createdAt: z.iso.datetime(),
  lastLoginAt: z.iso.datetime().nullable(),
});
export type User = z.infer<typeof userSchema>;
export const userListSchema = z.object({ items: z.array(userSchema) });

const userFields = {
  displayName: printable(z.string().max(128, 'must be at most 128 characters')).default(''),
  enabled: z.boolean().default(true),
  grants: grantsSchema.default([]),
};
export const createUserSchema = z.strictObject({
  username: usernameSchema,
  password: newPasswordSchema,
  ...userFields,
});
export type CreateUser = z.infer<typeof createUserSchema>;
export const replaceUserSchema = z.strictObject(userFields);
export type ReplaceUser = z.infer<typeof replaceUserSchema>;
export const resetPasswordSchema = z.strictObject({ password: newPasswordSchema });

export const roleSchema = z.object({
  name: roleNameSchema,
  permissions: z.array(permissionNameSchema),
  builtIn: z.boolean(),
});
export type Role = z.infer<typeof roleSchema>;
export const roleListSchema = z.object({ items: z.array(roleSchema) });
export const replaceRoleSchema = z.strictObject({
  permissions: z.array(permissionNameSchema).min(1, 'must name at least one permission').max(20),
});

/** Body of `createSession`: a password, or the one-time token of the address that a start prints. */
export const createSessionSchema = z.union([
  z.strictObject({ username: z.string().min(1).max(64), password: z.string().min(1).max(256) }),
  z.strictObject({ welcomeToken: z.string().min(1).max(128) }),
]);
export type CreateSession = z.infer<typeof createSessionSchema>;

export const changePasswordSchema = z.strictObject({
  currentPassword: z.string().max(256),
  newPassword: newPasswordSchema,
});

// eslint-disable-next-line no-control-regex -- it matches control characters on purpose
const localPath = /^\/([^/\\\x00-\x1f\x7f-\x9f][^\\\x00-\x1f\x7f-\x9f]*)?$/;

/** Query of `startOidc`: the page of the dashboard to show after signing in. */
export const startOidcQuerySchema = z.strictObject({
  returnTo: z
    .string()
    .max(2000)
    .regex(localPath, 'must be a path that begins with one slash')
    .optional()
    .describe('Path of the page to show after signing in'),
});
/** Query of `finishOidc`: what the issuer adds to the address. Other parameters are left to the issuer (RFC 6749). */
export const finishOidcQuerySchema = z.looseObject({
  code: z.string().max(4096).optional().describe('Authorization code'),
  state: z.string().max(512).optional().describe('State of the sign-in'),
  error: z.string().max(200).optional().describe('Error code of the issuer'),
});

/** Why signing in with OpenID Connect failed: `signInFailure` in the address of the dashboard. */
export const signInFailureSchema = z.enum([
  'not-configured',
  'issuer-unreachable',
  'denied',
  'interrupted',
  'rejected',
  'no-role',
  'disabled',
  'store-unavailable',
]);
export type SignInFailure = z.infer<typeof signInFailureSchema>;

/** A part of what a principal may do: permissions on a set of cameras. */
export const rightSchema = z.object({
  permissions: z.array(permissionNameSchema),
  scope: cameraScopeSchema,
});
export type RightView = z.infer<typeof rightSchema>;

/** Answer of `readSession`: who calls, and what they may do. */
export const currentSessionSchema = z.object({
  /** `none`: access control is off (`CAMPLANE_AUTH=none`), everything is allowed. */
  method: z.enum(['session', 'token', 'jwt', 'proxy', 'none']),
  userId: z.uuid().nullable(),
  username: z.string().nullable(),
  displayName: z.string(),
  /** Null: there is no user. */
  signIn: signInSchema.nullable(),
  rights: z.array(rightSchema),
  expiresAt: z.iso.datetime().nullable(),
});
export type CurrentSession = z.infer<typeof currentSessionSchema>;

export const sessionSchema = z.object({
  id: z.uuid(),
  userId: z.uuid(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  address: z.string(),
  userAgent: z.string(),
  /** The session of this request. */
  current: z.boolean(),
});
export type Session = z.infer<typeof sessionSchema>;
export const sessionListSchema = z.object({ items: z.array(sessionSchema) });

const tokenFields = {
  name: printable(z.string().min(1, 'must not be empty').max(64, 'must be at most 64 characters')),
  /** What the token may do, at most; its user's rights limit it too. */
  permissions: z.array(permissionNameSchema).min(1, 'must name at least one permission').max(20),
  scope: cameraScopeSchema,
};
/** An API token where `Authorization` is not available: the API server of a cluster removes it from what it proxies. */
export const apiTokenHeader = 'camplane-token';

export const tokenSchema = z.object({
  id: z.uuid(),
  userId: z.uuid(),
  ...tokenFields,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type ApiToken = z.infer<typeof tokenSchema>;
export const tokenListSchema = z.object({ items: z.array(tokenSchema) });
export const createTokenSchema = z.strictObject({
  ...tokenFields,
  expiresAt: z.iso.datetime().nullable().default(null),
});
export type CreateToken = z.infer<typeof createTokenSchema>;
/** Answer of `createToken`. `secret` (`cpl_…`) is returned here alone. */
export const createdTokenSchema = z.object({ token: tokenSchema, secret: z.string() });

/**
 * Body of `createTicket`. `header`: presented as `Authorization: Bearer` to WHEP and HLS. `address`: for players that
 * cannot send headers; it is put into the address as `?ticket=` and admits one session.
 */
export const createTicketSchema = z.strictObject({ use: z.enum(['header', 'address']).default('header') });
export const ticketSchema = z.object({ ticket: z.string(), expiresAt: z.iso.datetime() });
export type Ticket = z.infer<typeof ticketSchema>;

/** An entry of the audit log: who did what to which camera, from where, with which credential. */
export const auditEntrySchema = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  /** An operation of the API, or `media.read`. */
  action: z.string(),
  outcome: z.enum(['allowed', 'refused', 'failed']),
  username: z.string().nullable(),
  method: z.enum([
    'session',
    'token',
    'jwt',
    'proxy',
    'ticket',
    'password',
    'oidc',
    'none',
    'anonymous',
    'service',
  ]),
  /** Id of the session or token. */
  credentialId: z.string().nullable(),
  cameraId: z.string().nullable(),
  address: z.string(),
  /** One sentence for people; why a refusal happened. */
  detail: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
export const auditListSchema = z.object({
  items: z.array(auditEntrySchema),
  nextCursor: z.string().nullable(),
});
export const auditQuerySchema = z.strictObject({
  username: listParameter(z.string().max(64), 20).optional().describe('Only these users. Repeatable'),
  cameraId: listParameter(cameraIdSchema, 100).optional().describe('Only these cameras. Repeatable'),
  action: listParameter(z.string().max(64), 20).optional().describe('Only these actions. Repeatable'),
  outcome: listParameter(z.enum(['allowed', 'refused', 'failed']), 3)
    .optional()
    .describe('Only these outcomes. Repeatable'),
  from: z.iso.datetime().optional().describe('Only entries at or after this time'),
  to: z.iso.datetime().optional().describe('Only entries before this time'),
  limit: numberParameter(z.int().min(1).max(500)).default(100).describe('Entries per page, 1–500'),
  cursor: z.string().max(200).optional().describe('`nextCursor` of the previous page'),
});
export type AuditQuery = z.infer<typeof auditQuerySchema>;

function printable(text: z.ZodString): z.ZodString {
  return text.regex(withoutControlCharacters, 'must not contain control characters');
}
