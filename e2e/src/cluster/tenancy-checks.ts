import { operationPath } from '@camplane/contracts/operations';
import { ffprobeStream, readFrames } from '@camplane/testkit/read-stream';
import { signIn } from '@camplane/testkit/sign-in';
import type { SignedIn } from '@camplane/testkit/sign-in';
import { fetchAt } from '@camplane/testkit/fetch-at';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { CamplaneCluster } from './camplane-cluster.ts';
import { dashboardHost, mediaHost, securedTenant } from './tenant-certificate.ts';
import type { InstalledTenants, Tenant } from './tenants.ts';
import type { Viewing } from './viewing.ts';
import { viewingWith } from './viewing.ts';

/** An installation as its administrator sees it, with an API token and a stream ticket for the camera `street`. */
export type Installation = {
  name: Tenant;
  session: SignedIn;
  password: string;
  viewing: Viewing;
  ticket: string;
  /** Origins of control-api, HLS and WebRTC for users. */
  origins: { api: string; hls: string; webrtc: string };
  /** RTSP for users, without a login: `SCHEME://` and `HOST:PORT`. */
  rtsp: { scheme: 'rtsp' | 'rtsps'; authority: string };
  apiAddress: string;
  /** Authority of its certificate, in PEM; absent: plain HTTP. */
  ca?: string;
  /** Send requests to control-api and to the edge, whose names do not resolve here. */
  toApi: typeof fetch;
  toEdge: typeof fetch;
};

export async function openInstallation(
  camplane: CamplaneCluster,
  name: Tenant,
  { certificates: { ca } }: InstalledTenants,
): Promise<Installation> {
  const isSecured = name === securedTenant;
  const secret = ['-n', name, 'get', 'secret', 'camplane-admin', '--output=jsonpath={.data.password}'];
  const edge = await camplane.addressOf(name, 'camplane-mediamtx');
  const base = isSecured ? `https://${mediaHost}` : `http://${edge}`;
  const origins = {
    api: isSecured ? `https://${dashboardHost}:8080` : 'http://camplane-control-api:8080',
    ...{ hls: `${base}:8888`, webrtc: `${base}:8889` },
  };
  const secured = isSecured ? { origin: origins.api, ca } : undefined;
  const session = await camplane.signIn(name, undefined, secured);
  const apiAddress = await camplane.addressOf(name, 'camplane-control-api');
  return {
    ...{ name, session, password: Buffer.from(await camplane.kubectl(secret), 'base64').toString() },
    viewing: viewingWith('admin', await session.createToken()),
    ticket: (await session.client.createTicket({ id: 'street', body: {} })).ticket,
    origins,
    rtsp: isSecured
      ? { scheme: 'rtsps', authority: `${edge}:8322` }
      : { scheme: 'rtsp', authority: `${edge}:8554` },
    apiAddress,
    ...(isSecured ? { ca } : {}),
    toApi: fetchAt(apiAddress, secured),
    toEdge: fetchAt(edge, secured),
  };
}

/** How an installation answers to each credential of another one, or its own: 200 or 401 by kind of request. */
export async function answersTo(at: Installation, owner: Installation): Promise<Record<string, number>> {
  const list = (headers: Record<string, string>) =>
    at.toApi(`${at.origins.api}${operationPath('listCameras')}`, { headers }).then(({ status }) => status);
  const play = (headers: Record<string, string>) => settled(() => statusOfHls(at, headers));
  const login = { username: 'admin', password: owner.password };
  const answers = {
    password: signIn(at.origins.api, login, { fetch: at.toApi }).then(
      () => 200,
      (error: unknown) => Number(/not signed in: (\d+)/.exec(String(error))?.[1]),
    ),
    session: list({ cookie: owner.session.cookie }),
    token: list(owner.viewing.headers),
    'token at the edge': play(owner.viewing.headers),
    'ticket at the edge': play({ authorization: `Bearer ${owner.ticket}` }),
    'token over RTSP': settled(() => playsOverRtsp(at, 'street', owner.viewing.login)),
  };
  const entries = Object.entries(answers).map(async ([kind, answer]) => [kind, await answer] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Repeats a request until the edge admits or refuses it: the start of a camera may time out (2 s) on a busy machine. */
export function settled(request: () => Promise<number>): Promise<number> {
  return waitUntil(request, (status) => status === 200 || status === 401, {
    what: 'the edge admits or refuses a reader',
    timeoutMs: 60_000,
    intervalMs: 500,
  });
}

/** 200: the edge returns the playlist of `street`, after a redirect that sets a cookie. */
export async function statusOfHls(at: Installation, headers: Record<string, string>): Promise<number> {
  const playlist = new URL('/street/index.m3u8', at.origins.hls);
  const { status, headers: answered } = await at.toEdge(playlist, { headers });
  const location = answered.get('location');
  if (location === null) return status;
  return (await at.toEdge(new URL(location, playlist), { headers })).status;
}

/** The address of a camera for players. */
export function rtspUrlOf({ rtsp }: Installation, camera: string, login: string): string {
  return `${rtsp.scheme}://${login}${rtsp.authority}/${camera}`;
}

/** 200: it plays; 401: refused. */
export function playsOverRtsp(at: Installation, camera: string, login: string): Promise<number> {
  return ffprobeStream(rtspUrlOf(at, camera, login)).then(
    () => 200,
    (error: unknown) => Number(/\b(40[0-9])\b/.exec(String(error))?.[1]),
  );
}

export async function readPicture(at: Installation): Promise<{ width: number; height: number }> {
  const url = rtspUrlOf(at, 'street', at.viewing.login);
  await settled(() => playsOverRtsp(at, 'street', at.viewing.login));
  const [frame] = await readFrames({ url, pixelFormat: 'gray', frames: 1, timeoutMs: 30_000 });
  if (frame === undefined) throw new Error(`no video from ${at.name}`);
  return { width: frame.width, height: frame.height };
}

/** The newest detection of a camera that only this installation has. */
export async function detectionOf(at: Installation, camera: string): Promise<string> {
  const newest = async () =>
    (await at.session.client.listDetections({ query: { cameraId: camera, limit: 1 } })).items[0]?.id ?? '';
  return waitUntil(newest, (id) => id !== '', {
    what: `a detection of ${camera} in ${at.name}`,
    timeoutMs: 60_000,
    intervalMs: 500,
  });
}
