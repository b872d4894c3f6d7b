import type { PermissionName } from '@camplane/contracts/access';
import { permissionNameSchema } from '@camplane/contracts/access';
import { CamplaneError } from '@camplane/contracts/problem';
import type { Handlers } from '../http/api-router.ts';
import type { Access } from './access.ts';
import { anonymous } from './principal.ts';
import { unrestrictedAccess } from './unrestricted-access.ts';

/** The operations of access control. */
export type AccessOperation =
  | 'createSession'
  | 'readSession'
  | 'deleteSession'
  | 'changePassword'
  | 'listSessions'
  | 'endSession'
  | 'listTokens'
  | 'createToken'
  | 'revokeToken'
  | 'listUsers'
  | 'createUser'
  | 'readUser'
  | 'replaceUser'
  | 'deleteUser'
  | 'resetPassword'
  | 'listRoles'
  | 'replaceRole'
  | 'deleteRole'
  | 'listAudit';

/** Access control as control-api composes it. */
export type LocalAccess = {
  access: Access;
  handlers: Pick<Handlers, AccessOperation>;
  /** Loads users, roles, sessions and tokens, and follows changes by other replicas. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * The one-time token that signs the first administrator in (body of `createSession`); null once it has been used or
   * has expired, and where there is no administrator to sign in.
   */
  welcomeToken(): string | null;
};

export function createLocalAccess(config: { auth: 'local' | 'none' }): LocalAccess {
  const access: Access = {
    authenticate: () => anonymous,
    principalOfToken: () => null,
    refresh: (principal) => principal,
    onChange: () => () => {},
    audit: () => {},
  };
  const unavailable = (): Promise<never> =>
    Promise.reject(new CamplaneError('service-unavailable', 'Access control is not ready'));
  return {
    access: config.auth === 'none' ? unrestrictedAccess(access) : access,
    handlers: {
      createSession: unavailable,
      readSession: ({ principal }) =>
        principal.kind === 'unrestricted'
          ? Promise.resolve({ answer: unrestrictedSession() })
          : unavailable(),
      deleteSession: unavailable,
      changePassword: unavailable,
      listSessions: unavailable,
      endSession: unavailable,
      listTokens: unavailable,
      createToken: unavailable,
      revokeToken: unavailable,
      listUsers: unavailable,
      createUser: unavailable,
      readUser: unavailable,
      replaceUser: unavailable,
      deleteUser: unavailable,
      resetPassword: unavailable,
      listRoles: unavailable,
      replaceRole: unavailable,
      deleteRole: unavailable,
      listAudit: unavailable,
    },
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    welcomeToken: () => null,
  };
}

function unrestrictedSession() {
  const permissions: PermissionName[] = [...permissionNameSchema.options];
  return {
    method: 'none' as const,
    userId: null,
    username: null,
    displayName: 'owner',
    rights: [{ permissions, scope: { kind: 'all' as const } }],
    expiresAt: null,
  };
}
