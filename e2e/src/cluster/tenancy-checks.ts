import { operationPath } from '@camplane/contracts/operations';
import { ffprobeStream, readFrames } from '@camplane/testkit/read-stream';
import { signIn } from '@camplane/testkit/sign-in';
import type { SignedIn } from '@camplane/testkit/sign-in';
import { fetchAt } from '@camplane/testkit/fetch-at';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { CamplaneCluster } from './camplane-cluster.ts';
import type { Tenant } from './tenants.ts';
import type { Viewing } from './viewing.ts';
import { viewingWith } from './viewing.ts';

/** An installation as its administrator sees it, with an API token and a stream ticket for the camera `street`. */
export type Installation = {
  name: Tenant;
  session: SignedIn;
  password: string;
  viewing: Viewing;
  ticket: string;
  api: string;
  edge: string;
};

const apiOrigin = 'http://camplane-control-api:8080';

export async function openInstallation(camplane: CamplaneCluster, name: Tenant): Promise<Installation> {
  const secret = ['-n', name, 'get', 'secret', 'camplane-admin', '--output=jsonpath={.data.password}'];
  const session = await camplane.signIn(name);
  return {
    ...{ name, session, password: Buffer.from(await camplane.kubectl(secret), 'base64').toString() },
    viewing: viewingWith('admin', await session.createToken()),
    ticket: (await session.client.createTicket({ id: 'street', body: {} })).ticket,
    api: await camplane.addressOf(name, 'camplane-control-api'),
    edge: await camplane.addressOf(name, 'camplane-mediamtx'),
  };
}

/** How an installation answers to each credential of another one, or its own: 200 or 401 by kind of request. */
export async function answersTo(at: Installation, owner: Installation): Promise<Record<string, number>> {
  const list = (headers: Record<string, string>) =>
    fetchAt(at.api)(`${apiOrigin}${operationPath('listCameras')}`, { headers }).then(({ status }) => status);
  const play = (headers: Record<string, string>) =>
    fetch(`http://${at.edge}:8888/street/index.m3u8`, { headers }).then(async (response) => {
      await response.body?.cancel();
      return response.status;
    });
  const login = { username: 'admin', password: owner.password };
  const answers = {
    password: signIn(apiOrigin, login, { fetch: fetchAt(at.api) }).then(
      () => 200,
      (error: unknown) => Number(/not signed in: (\d+)/.exec(String(error))?.[1]),
    ),
    session: list({ cookie: owner.session.cookie }),
    token: list(owner.viewing.headers),
    'token at the edge': play(owner.viewing.headers),
    'ticket at the edge': play({ authorization: `Bearer ${owner.ticket}` }),
    'token over RTSP': playsOverRtsp(at, 'street', owner.viewing),
  };
  const entries = Object.entries(answers).map(async ([kind, answer]) => [kind, await answer] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** 200: it plays; 401: refused. */
export function playsOverRtsp(at: Installation, camera: string, { login }: Viewing): Promise<number> {
  return ffprobeStream(`rtsp://${login}${at.edge}:8554/${camera}`).then(
    () => 200,
    (error: unknown) => Number(/\b(40[0-9])\b/.exec(String(error))?.[1]),
  );
}

export async function readPicture(at: Installation): Promise<{ width: number; height: number }> {
  const url = `rtsp://${at.viewing.login}${at.edge}:8554/street`;
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
