import type { CameraScope, Grant } from '@camplane/contracts/access';
import { CamplaneError } from '@camplane/contracts/problem';
import type { Call, Handlers } from '../http/api-router.ts';
import { auditEntryOf } from '../http/audit-request.ts';
import type { Access } from './access.ts';
import type { Identity } from './identity.ts';

type Change =
  | 'deleteSession'
  | 'changePassword'
  | 'endSession'
  | 'createToken'
  | 'revokeToken'
  | 'createUser'
  | 'replaceUser'
  | 'deleteUser'
  | 'resetPassword'
  | 'replaceRole'
  | 'deleteRole';
type Describe = {
  [C in Change]: (call: Pick<Parameters<Handlers[C]>[0], 'id' | 'body'>, identity: Identity) => string;
};

/** What a change is about, for people. It never contains a secret. */
const describe: Describe = {
  deleteSession: () => 'Sign out',
  changePassword: () => 'Change the own password',
  endSession: ({ id }, identity) => `End a session of ${ownerOf(identity.sessionsById.get(id), identity)}`,
  createToken: ({ body: { name, permissions, scope } }) =>
    `Create token ${name}: ${permissions.join(', ')} on ${cameras(scope)}`,
  revokeToken: ({ id }, identity) => {
    const token = identity.tokensById.get(id);
    return `Revoke token ${token?.name ?? id} of ${ownerOf(token, identity)}`;
  },
  createUser: ({ body: { username, grants } }) => `Create user ${username}: ${granted(grants)}`,
  replaceUser: ({ id, body: { enabled, grants } }, identity) =>
    `Set user ${usernameOf(id, identity)} to ${enabled ? 'enabled' : 'disabled'}: ${granted(grants)}`,
  deleteUser: ({ id }, identity) => `Delete user ${usernameOf(id, identity)}`,
  resetPassword: ({ id }, identity) => `Reset the password of ${usernameOf(id, identity)}`,
  replaceRole: ({ id, body }) => `Set role ${id} to ${body.permissions.join(', ')}`,
  deleteRole: ({ id }) => `Delete role ${id}`,
};

/** Audits changes of users, roles, sessions and tokens, those that fail too. */
export function auditChanges<H extends Pick<Handlers, Change>>(
  handlers: H,
  identity: () => Identity,
  audit: Access['audit'],
): H {
  const audited = Object.entries(describe).map(([action, describeCall]) => {
    const handler = handlers[action as Change] as (call: Call<unknown, unknown>) => Promise<unknown>;
    const run = async (call: Call<unknown, unknown>): Promise<unknown> => {
      // Before the change: it may delete what the description names.
      const what = (describeCall as (call: object, identity: Identity) => string)(call, identity());
      const record = (outcome: 'allowed' | 'refused' | 'failed', detail: string): void =>
        audit(auditEntryOf(call.response.req, call.principal, { action, outcome, cameraId: null, detail }));
      try {
        const reply = await handler(call);
        record('allowed', what);
        return reply;
      } catch (error) {
        const known = error instanceof CamplaneError ? error : undefined;
        const isRefusal =
          known !== undefined && /^(forbidden|wrong-login|too-many-requests)$/.test(known.kind);
        record(isRefusal ? 'refused' : 'failed', `${what}: ${known?.message ?? 'Internal error'}`);
        throw error;
      }
    };
    return [action, run];
  });
  return { ...handlers, ...(Object.fromEntries(audited) as object) };
}

function ownerOf(credential: { userId: string } | undefined, identity: Identity): string {
  return credential ? usernameOf(credential.userId, identity) : 'an unknown user';
}

function usernameOf(id: string, { users }: Identity): string {
  return users.get(id)?.username ?? id;
}

function granted(grants: readonly Grant[]): string {
  return grants.length === 0
    ? 'no role'
    : grants.map(({ role, scope }) => `${role} on ${cameras(scope)}`).join(', ');
}

function cameras(scope: CameraScope): string {
  switch (scope.kind) {
    case 'all':
      return 'all cameras';
    case 'cameras':
      return scope.ids.join(' ');
    case 'label':
      return `cameras with ${scope.key}=${scope.value}`;
  }
}
