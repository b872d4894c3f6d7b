import type { CameraScope, PermissionName } from '@camplane/contracts/access';
import { operationPath, operations } from '@camplane/contracts/operations';
import { randomBytes } from 'node:crypto';
import type { RunningApi } from '../running-api.ts';
import type { Caller, Grant } from './oracle.ts';
import { cameras, everyPermission, expectStatus, roles, scopes } from './world.ts';

const password = 'matrix of many cases';
const hourMs = 3600_000;

/** After this time, the token of the caller "expired token" has expired. */
export const expiresInMs = hourMs;

type Headers = Record<string, string>;
type NamedGrant = { role: string; scope: CameraScope };
type NewUser = {
  id: string;
  session: Headers;
  grants: Grant[];
  token(limits?: Grant, expiresAt?: string): Promise<Headers>;
};

/** Every kind of caller: each role on each scope by session and by token, narrow tokens, and credentials that ended. */
export async function createCallers(api: RunningApi, admin: Headers): Promise<Caller[]> {
  for (const [name, permissions] of Object.entries(roles)) {
    if (['viewer', 'operator', 'admin'].includes(name)) continue;
    const answer = await api.call('PUT', operationPath('replaceRole', { id: name }), { permissions }, admin);
    if (answer.status !== 200) throw new Error(`replaceRole answered ${answer.status}`);
  }
  const newUser = userMaker(api, admin);
  return [
    ...unknownCallers(),
    ...(await serviceCallers(api, admin)),
    ...(await callersOfRoles(newUser)),
    ...(await narrowCallers(newUser)),
    ...(await endedCallers(api, admin, newUser)),
  ];
}

function userMaker(api: RunningApi, admin: Headers) {
  let users = 0;
  return async (grants: NamedGrant[]): Promise<NewUser> => {
    const username = `user-${users++}`;
    const user = await expectStatus(201, api, 'createUser', admin, { username, password, grants });
    const session = await api.signIn(username, password);
    return {
      id: String(user['id']),
      session,
      grants: grants.map(({ role, scope }) => ({ permissions: roles[role] ?? [], scope })),
      token: async (limits = { permissions: everyPermission, scope: { kind: 'all' } }, expiresAt) => {
        const body = { name: 'matrix', ...limits, ...(expiresAt === undefined ? {} : { expiresAt }) };
        const { secret } = await expectStatus(201, api, 'createToken', session, body);
        return { authorization: `Bearer ${String(secret)}` };
      },
    };
  };
}

function unknownCallers(): Caller[] {
  const secret = randomBytes(32).toString('base64url');
  const headers: Record<string, Headers> = {
    anonymous: {},
    'garbage token': { authorization: `Bearer cpl_${secret}` },
    'session secret as token': { authorization: `Bearer ${secret}` },
    'garbage session': { cookie: `camplane-session=${secret}` },
    'empty session': { cookie: 'camplane-session=' },
    'basic login of the administrator': { authorization: `Basic ${btoa('admin:a password of tests')}` },
    'forged identity headers': {
      'x-forwarded-user': 'admin',
      'x-remote-user': 'admin',
      'x-forwarded-for': '127.0.0.1',
    },
    'token in a cookie': { cookie: `camplane-session=cpl_${secret}; authorization=Bearer` },
  };
  return Object.entries(headers).map(([name, value]) => ({ name, headers: value, rights: null }));
}

/** What services and players present elsewhere is worth nothing here. */
async function serviceCallers(api: RunningApi, admin: Headers): Promise<Caller[]> {
  const path = operationPath('createTicket', { id: cameras.named.id });
  const answer: { body: unknown } = await api.call('POST', path, {}, admin);
  const { ticket } = answer.body as { ticket: string };
  const pass = `${'a'.repeat(12)}.${randomBytes(24).toString('base64url')}`;
  const claims = btoa('{"sub":"system:serviceaccount:camplane:camera-service"}').replaceAll('=', '');
  const headers: Record<string, Headers> = {
    'stream ticket as a token': { authorization: `Bearer ${ticket}` },
    'stream ticket as a session': { cookie: `camplane-session=${ticket}` },
    'pass of a service': { authorization: `Basic ${btoa(`camplane:${pass}`)}` },
    'login of an edge': { authorization: `Basic ${btoa('edge:a password of edges')}` },
    'token of a service account': { authorization: `Bearer ${btoa('{"alg":"none"}')}.${claims}.` },
  };
  return Object.entries(headers).map(([name, value]) => ({ name, headers: value, rights: null }));
}

async function callersOfRoles(newUser: ReturnType<typeof userMaker>): Promise<Caller[]> {
  const callers: Caller[] = [];
  for (const role of Object.keys(roles)) {
    for (const [scopeName, scope] of Object.entries(scopes)) {
      const user = await newUser([{ role, scope }]);
      const name = `${role} on ${scopeName}`;
      const rights = { user: user.grants, token: null };
      callers.push({ name: `${name}, session`, headers: user.session, rights });
      callers.push({ name: `${name}, token`, headers: await user.token(), rights });
    }
  }
  return callers;
}

async function narrowCallers(newUser: ReturnType<typeof userMaker>): Promise<Caller[]> {
  const { all, named, label } = scopes;
  const callers: Caller[] = [];
  const add = async (
    user: NewUser,
    name: string,
    permissions: readonly PermissionName[],
    scope: CameraScope,
  ) => {
    const token = { permissions, scope };
    callers.push({ name, headers: await user.token(token), rights: { user: user.grants, token } });
  };
  const admin = await newUser([{ role: 'admin', scope: all }]);
  for (const [scopeName, scope] of Object.entries(scopes)) {
    await add(admin, `administrator's token, everything on ${scopeName}`, everyPermission, scope);
    await add(admin, `administrator's token, viewing on ${scopeName}`, ['camera.view'], scope);
    await add(admin, `administrator's token, detections on ${scopeName}`, ['detection.view'], scope);
    await add(admin, `administrator's token, users on ${scopeName}`, ['user.manage'], scope);
  }
  const named1 = await newUser([{ role: 'admin', scope: named }]);
  await add(named1, 'token on a label of a user of named cameras', everyPermission, label);
  const mixed = await newUser([
    { role: 'watcher', scope: all },
    { role: 'operator', scope: named },
    { role: 'fitter', scope: label },
  ]);
  callers.push({
    name: 'three grants, session',
    headers: mixed.session,
    rights: { user: mixed.grants, token: null },
  });
  await add(mixed, 'three grants, token on a label', everyPermission, label);
  const none = await newUser([]);
  callers.push({ name: 'no grants, session', headers: none.session, rights: { user: [], token: null } });
  await add(none, 'no grants, token for everything', everyPermission, all);
  return callers;
}

async function endedCallers(
  api: RunningApi,
  admin: Headers,
  newUser: ReturnType<typeof userMaker>,
): Promise<Caller[]> {
  const grants = [{ role: 'admin', scope: { kind: 'all' as const } }];
  const ended: [string, Headers][] = [];
  const change = async (method: string, path: string, body: unknown, headers: Headers): Promise<void> => {
    const { status } = await api.call(method, path, body, headers);
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}`);
  };

  const leaver = await newUser(grants);
  ended.push(['deleted user, session', leaver.session], ['deleted user, token', await leaver.token()]);
  await change('DELETE', operationPath('deleteUser', { id: leaver.id }), undefined, admin);

  const disabled = await newUser(grants);
  ended.push(['disabled user, session', disabled.session], ['disabled user, token', await disabled.token()]);
  await change('PUT', operationPath('replaceUser', { id: disabled.id }), { enabled: false, grants }, admin);

  const careful = await newUser(grants);
  const expiresAt = new Date(Date.now() + expiresInMs).toISOString();
  ended.push(['expired token', await careful.token(undefined, expiresAt)]);
  ended.push(['revoked token', await careful.token()], ['session signed out', careful.session]);
  const answer: { body: unknown } = await api.call(
    'GET',
    operations.listTokens.path,
    undefined,
    careful.session,
  );
  const { items: tokens } = answer.body as {
    items: { id: string; expiresAt: string | null; userId: string }[];
  };
  const unlimited = tokens.find((token) => token.expiresAt === null && token.userId === careful.id);
  await change(
    'DELETE',
    operationPath('revokeToken', { id: unlimited?.id ?? '' }),
    undefined,
    careful.session,
  );
  await change('DELETE', operations.deleteSession.path, undefined, careful.session);

  const forgetful = await newUser(grants);
  ended.push(['session before a reset of the password', forgetful.session]);
  const reset = operationPath('resetPassword', { id: forgetful.id });
  await change('POST', reset, { password: `another ${password}` }, admin);
  return ended.map(([name, headers]) => ({ name, headers, rights: null }));
}
