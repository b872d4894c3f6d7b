import { operationPath, operations } from '@camplane/contracts/operations';
import { createHmac, createPrivateKey, generateKeyPairSync, hkdfSync, randomUUID, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { RunningApi } from '../running-api.ts';
import type { Grant, MatrixCamera } from './oracle.ts';
import { allCameras, cameras, expectStatus, scopes } from './world.ts';

/** Something that a reader can present, and what it is worth by the guide: to whom it belongs and what it admits to. */
export type MediaSecret = {
  name: string;
  kind: 'nothing' | 'password' | 'token' | 'session' | 'service' | 'ticket';
  /** A new one for each case where it admits one session only. */
  create(): string;
  username: string;
  /** Null: worth nothing, wherever it is presented. */
  worth: null | {
    grants: readonly Grant[][];
    /** For tickets: the place where they are valid, and their camera. */
    use?: 'header' | 'address';
    camera?: string;
  };
  /** It has opened a session before. */
  isSpent?: boolean;
  /** Stands for its kind where the kind alone matters. */
  isTypical?: boolean;
};

export type SecretsWorld = {
  ticketSecret: string;
  apiPassword: string;
  /** Time of the API, in seconds. */
  nowSeconds: () => number;
  /** Lets the tokens expire that {@link createSecrets} makes with an expiry. */
  expiresAt: string;
};

type Headers = Record<string, string>;
type Owner = {
  id: string;
  username: string;
  headers: Headers;
  sessionId: string;
  sessionSecret: string;
  grants: Grant[];
};

const password = 'matrix of many cases';
const viewing = ['camera.view', 'detection.view'] as const;
const all = { kind: 'all' } as const;

/** Every kind of credential of users with different rights, valid ones and ones that ended. */
export async function createSecrets(
  api: RunningApi,
  admin: Headers,
  world: SecretsWorld,
): Promise<MediaSecret[]> {
  const owners = {
    amy: await createOwner(api, admin, 'amy', { permissions: viewing, scope: scopes.named }),
    lara: await createOwner(api, admin, 'lara', { permissions: viewing, scope: scopes.label }),
    boss: await createOwner(api, admin, 'boss', { permissions: viewing, scope: all }),
    none: await createOwner(api, admin, 'none', null),
  };
  const secrets: MediaSecret[] = [
    { name: 'nothing', kind: 'nothing', create: () => '', username: 'amy', worth: null },
    ...serviceSecrets(world),
    ...ticketForgeries(owners.amy, world),
  ];
  for (const owner of Object.values(owners)) {
    const { username, sessionSecret } = owner;
    const of = (name: string, kind: MediaSecret['kind'], value: string): MediaSecret => ({
      ...{ name: `${name} of ${username}`, kind, create: () => value, username, worth: null },
    });
    secrets.push(of('password', 'password', password), of('session', 'session', sessionSecret));
    secrets.push(...(await tokensOf(api, owner)), ...ticketsOf(owner, world));
  }
  secrets.push(...(await endedSecrets(api, admin, world)));
  const typical = /^nothing|^pass|of boss$|of boss for cam-named|^deleted token|key$/;
  return secrets.map((secret) => ({ ...secret, isTypical: typical.test(secret.name) }));
}

async function createOwner(
  api: RunningApi,
  admin: Headers,
  username: string,
  grant: Grant | null,
): Promise<Owner> {
  const grants = grant ? [{ role: 'viewer', scope: grant.scope }] : [];
  const user = await expectStatus(201, api, 'createUser', admin, { username, password, grants });
  const headers = await api.signIn(username, password);
  const answer: { body: unknown } = await api.call('GET', operations.listSessions.path, undefined, headers);
  const { items } = answer.body as { items: { id: string }[] };
  return {
    ...{ id: String(user['id']), username, headers, grants: grant ? [grant] : [] },
    sessionId: items[0]?.id ?? '',
    sessionSecret: headers.cookie.slice(headers.cookie.indexOf('=') + 1),
  };
}

async function newToken(api: RunningApi, owner: Owner, limits: Grant, expiresAt?: string) {
  const body = { name: 'matrix', ...limits, ...(expiresAt === undefined ? {} : { expiresAt }) };
  const { token, secret } = await expectStatus(201, api, 'createToken', owner.headers, body);
  return { id: (token as { id: string }).id, secret: String(secret) };
}

async function tokensOf(api: RunningApi, owner: Owner): Promise<MediaSecret[]> {
  const limits: [string, Grant][] = [
    ['token', { permissions: ['camera.view'], scope: all }],
    ['token on named cameras', { permissions: ['camera.view'], scope: scopes.named }],
    ['token on a label', { permissions: ['camera.view'], scope: scopes.label }],
    [
      'token on an absent camera',
      { permissions: ['camera.view'], scope: { kind: 'cameras', ids: ['cam-gone0'] } },
    ],
    ['token for detections', { permissions: ['detection.view'], scope: all }],
  ];
  const { username } = owner;
  return Promise.all(
    limits.map(async ([name, limit]): Promise<MediaSecret> => {
      const { secret } = await newToken(api, owner, limit);
      const worth = { grants: [owner.grants, [limit]] };
      return { name: `${name} of ${username}`, kind: 'token', create: () => secret, username, worth };
    }),
  );
}

/** Tickets of both uses, for each camera, whether its holder may view that or not. */
function ticketsOf(owner: Owner, world: SecretsWorld, on = allCameras): MediaSecret[] {
  return (['header', 'address'] as const).flatMap((use) =>
    on.map((camera): MediaSecret => ({
      name: `${use} ticket of ${owner.username} for ${camera.id}`,
      kind: 'ticket',
      create: () => signedBy(keyOf(world.ticketSecret), claimsOf(owner, world, { use, camera })),
      username: owner.username,
      worth: { grants: [owner.grants], use, camera: camera.id },
    })),
  );
}

function claimsOf(
  { id, sessionId }: Owner,
  { nowSeconds }: SecretsWorld,
  { use, camera }: { use: string; camera: MatrixCamera },
): Record<string, unknown> {
  const credential = { sub: id, sid: sessionId, kind: 'session' };
  const times = { iat: nowSeconds(), exp: nowSeconds() + 60 };
  const for_ = { iss: 'camplane', aud: 'camplane-media', use, camera: camera.id };
  return { ...credential, ...times, ...for_, jti: randomUUID() };
}

/** Tickets of a user who may view the camera, each wrong in one thing; and one that has opened a session. */
function ticketForgeries(amy: Owner, world: SecretsWorld): MediaSecret[] {
  const own = keyOf(world.ticketSecret);
  const { privateKey: another } = generateKeyPairSync('ed25519');
  const make: Record<string, (claims: Record<string, unknown>) => string> = {
    'another key': (claims) => signedBy(another, claims),
    'alg none': (claims) => `${encode({ alg: 'none' })}.${encode(claims)}.`,
    'alg none, signed': (claims) =>
      `${encode({ alg: 'none' })}.${signedBy(own, claims).split('.').slice(1).join('.')}`,
    'alg HS256 by the secret': (claims) => hmacBy(world.ticketSecret, claims),
    'no signature': (claims) => `${signedBy(own, claims).split('.').slice(0, 2).join('.')}.`,
    'changed claims': (claims) => {
      const [head, , signature] = signedBy(own, { ...claims, camera: cameras.foreign.id }).split('.');
      return `${head}.${encode(claims)}.${signature}`;
    },
    expired: (claims) => signedBy(own, { ...claims, exp: world.nowSeconds() - 1 }),
    'no expiry': ({ exp: _exp, ...claims }) => signedBy(own, claims),
    'not yet valid': (claims) => signedBy(own, { ...claims, nbf: world.nowSeconds() + 600 }),
    'another audience': (claims) => signedBy(own, { ...claims, aud: 'camplane-api' }),
    'another issuer': (claims) => signedBy(own, { ...claims, iss: 'elsewhere' }),
    'an absent session': (claims) => signedBy(own, { ...claims, sid: randomUUID() }),
    'a session as a token': (claims) => signedBy(own, { ...claims, kind: 'token' }),
    'an unknown use': (claims) => signedBy(own, { ...claims, use: 'any' }),
    'two cameras': (claims) => signedBy(own, { ...claims, camera: [cameras.named.id, cameras.both.id] }),
  };
  const base = { kind: 'ticket', username: amy.username, worth: null } as const;
  const forgeries = (['header', 'address'] as const).flatMap((use) =>
    Object.entries(make).map(([name, of]): MediaSecret => ({
      ...{ ...base, name: `${use} ticket: ${name}` },
      create: () => of(claimsOf(amy, world, { use, camera: cameras.named })),
    })),
  );
  const spent: MediaSecret = {
    ...{ ...base, name: 'spent address ticket', isSpent: true },
    create: () => signedBy(own, claimsOf(amy, world, { use: 'address', camera: cameras.named })),
  };
  return [...forgeries, spent];
}

/** Credentials of services. No camera is opened with one at an edge. */
function serviceSecrets({ apiPassword, ticketSecret }: SecretsWorld): MediaSecret[] {
  const values: Record<string, string> = {
    'password of the control API': apiPassword,
    'secret of tickets': ticketSecret,
    'a pass of FFmpeg': `${'a'.repeat(12)}.${'b'.repeat(32)}`,
    'a token of a service account': signedBy(generateKeyPairSync('ed25519').privateKey, {
      aud: ['https://kubernetes.default.svc'],
      sub: 'system:serviceaccount:camplane:camera-service',
    }),
  };
  return Object.entries(values).map(([name, value]): MediaSecret => ({
    ...{ name, kind: 'service', create: () => value, username: 'camplane', worth: null },
  }));
}

/** Credentials that were valid: revoked, expired, of disabled and deleted users, of ended sessions. */
async function endedSecrets(api: RunningApi, admin: Headers, world: SecretsWorld): Promise<MediaSecret[]> {
  const secrets: MediaSecret[] = [];
  const grant = { permissions: viewing, scope: all };
  const limits: Grant = { permissions: ['camera.view'], scope: all };
  const end: Record<string, (owner: Owner, tokenId: string) => Promise<void>> = {
    revoked: async (owner, tokenId) => {
      await change(api, 'DELETE', operationPath('revokeToken', { id: tokenId }), undefined, owner.headers);
      await change(api, 'DELETE', operations.deleteSession.path, undefined, owner.headers);
    },
    disabled: (owner) =>
      change(
        api,
        'PUT',
        operationPath('replaceUser', { id: owner.id }),
        { enabled: false, grants: [] },
        admin,
      ),
    deleted: (owner) =>
      change(api, 'DELETE', operationPath('deleteUser', { id: owner.id }), undefined, admin),
    expired: () => Promise.resolve(),
  };
  for (const [username, endOf] of Object.entries(end)) {
    const owner = await createOwner(api, admin, username, grant);
    const expiry = username === 'expired' ? world.expiresAt : undefined;
    const token = await newToken(api, owner, limits, expiry);
    await endOf(owner, token.id);
    const base = { username, worth: null };
    const ticketOfToken = () => {
      const claims = claimsOf(owner, world, { use: 'header', camera: cameras.named });
      return signedBy(keyOf(world.ticketSecret), { ...claims, kind: 'token', sid: token.id });
    };
    secrets.push(
      { ...base, name: `${username} token`, kind: 'token', create: () => token.secret },
      { ...base, name: `header ticket of a token, ${username}`, kind: 'ticket', create: ticketOfToken },
    );
    // The session of the user whose token expires stays valid.
    if (username === 'expired') continue;
    secrets.push(
      { ...base, name: `${username} session`, kind: 'session', create: () => owner.sessionSecret },
      ...ticketsOf(owner, world, [cameras.named]).map((ticket) => ({ ...ticket, worth: null })),
    );
  }
  return secrets;
}

async function change(api: RunningApi, method: string, path: string, body: unknown, headers: Headers) {
  const { status } = await api.call(method, path, body, headers);
  if (status >= 300) throw new Error(`${method} ${path} answered ${status}`);
}

/** The key of tickets, derived a second time from record 37. */
function keyOf(secret: string): KeyObject {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'camplane stream tickets', 32));
  const head = Buffer.from('302e020100300506032b657004220420', 'hex');
  return createPrivateKey({ key: Buffer.concat([head, seed]), format: 'der', type: 'pkcs8' });
}

function signedBy(key: KeyObject, claims: object): string {
  const text = `${encode({ alg: 'EdDSA', typ: 'JWT' })}.${encode(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
}

function hmacBy(secret: string, claims: object): string {
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
