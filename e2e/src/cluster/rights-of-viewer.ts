import { expect } from '@jest/globals';
import { once } from 'node:events';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { ffprobeStream, followFrames, readFrames } from '@camplane/testkit/read-stream';
import type { SignedIn } from '@camplane/testkit/sign-in';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { CamplaneCluster } from './camplane-cluster.ts';
import { readHls, readyEdges, webrtcReaders } from './edges.ts';
import { startViewing } from './viewing.ts';
import type { Viewing } from './viewing.ts';
import { openWhepPage } from './whep-page.ts';

type Edge = { host: string; ports: { rtsp: number; hls: number; webrtc: number } };
/** What a client presents to MediaMTX; null: nothing. */
type Client = Viewing | null;

/** The parts of a cluster that these checks use. */
type Checked = { camplane: CamplaneCluster; namespace: string; browser: TestBrowser; edge: Edge };

/**
 * A user with rights on the camera `street` sees it and not `corner`, over the API and every protocol, until the API token
 * is revoked.
 *
 * @returns how long video still played after that, in seconds
 */
export async function checkRightsOfViewer(
  options: Checked & { admin: SignedIn },
): Promise<{ rtsp: number; webrtc: number }> {
  const { camplane, namespace, browser, edge, admin } = options;
  const { guest, viewing: client } = await addGuest(camplane, namespace, admin);
  await expectVideo(browser, edge, 'street', client);
  await expectNoVideo(edge, 'corner', client);
  for (const camera of ['street', 'corner', 'none']) await expectNoVideo(edge, camera, null);
  await expectClosedPods(camplane, namespace, client);
  expect((await guest.client.listCameras()).items.map(({ id }) => id)).toEqual(['street']);
  expect((await guest.send('createTicket', { id: 'corner', body: {} })).status).toBe(404);
  const revoke = async () => {
    const [token] = (await guest.client.listTokens()).items;
    await admin.client.revokeToken({ id: token?.id ?? '' });
  };
  const seconds = await watchUntilRevoked({ ...options, client, revoke });
  await expectNoVideo(edge, 'street', client);
  return seconds;
}

/** A user `guest` who may view `street` and no other camera, with an API token. */
async function addGuest(camplane: CamplaneCluster, namespace: string, admin: SignedIn) {
  const login = { username: 'guest', password: 'watches-one-street' };
  const grants = [{ role: 'viewer', scope: { kind: 'cameras' as const, ids: ['street'] } }];
  await admin.client.createUser({ body: { ...login, displayName: '', enabled: true, grants } });
  const guest = await camplane.signIn(namespace, login);
  return { guest, viewing: await startViewing('guest', guest) };
}

/** The client reads `camera` over RTSP, HLS and WebRTC. */
async function expectVideo(browser: TestBrowser, edge: Edge, camera: string, client: Viewing) {
  const { host, ports } = edge;
  const url = `rtsp://${client.login}${host}:${ports.rtsp}/${camera}`;
  await readFrames({ url, pixelFormat: 'gray', frames: 1, timeoutMs: 30_000 });
  await readHls(`http://${host}:${ports.hls}/${camera}/index.m3u8`, client.headers);
  const whep = `http://${host}:${ports.webrtc}/${camera}/whep`;
  const page = await openWhepPage(browser, whep, { to: { address: host, protocol: 'udp' } }, client.headers);
  await page.waitForFrames(5);
  await page.close();
}

/** MediaMTX refuses `camera` over RTSP, HLS and WebRTC. */
async function expectNoVideo(edge: Edge, camera: string, client: Client) {
  const { host, ports } = edge;
  const rtsp = `rtsp://${client?.login ?? ''}${host}:${ports.rtsp}/${camera}`;
  await expect(ffprobeStream(rtsp)).rejects.toThrow(/401 Unauthorized/);
  const headers = client?.headers ?? {};
  const playlist = await fetch(`http://${host}:${ports.hls}/${camera}/index.m3u8`, { headers });
  expect([camera, 'hls', playlist.status]).toEqual([camera, 'hls', 401]);
  const whep = await fetch(`http://${host}:${ports.webrtc}/${camera}/whep`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/sdp' },
    body: 'v=0\r\n',
  });
  expect([camera, 'whep', whep.status]).toEqual([camera, 'whep', 401]);
}

/** Only edges read the pod of a camera, and only control-api uses the API of an edge's pod. */
async function expectClosedPods(camplane: CamplaneCluster, namespace: string, client: Viewing) {
  const [pod] = await camplane.list(namespace, 'pods', 'camplane.dev/camera=street');
  for (const login of ['', client.login, 'edge:guess@']) {
    const direct = ffprobeStream(`rtsp://${login}${pod?.status?.podIP}:8554/street`);
    await expect(direct).rejects.toThrow(/401 Unauthorized/);
  }
  for (const { address } of await readyEdges(camplane, namespace)) {
    for (const headers of [{}, client.headers]) {
      const answer = await fetch(`http://${address}:9997/v3/paths/list`, { headers });
      expect(answer.status).toBe(401);
    }
  }
}

/** Revokes the token while a player and a browser watch. */
async function watchUntilRevoked(
  options: Checked & { client: Viewing; revoke(): Promise<unknown> },
): Promise<{ rtsp: number; webrtc: number }> {
  const { camplane, namespace, browser, edge, client } = options;
  const { host, ports } = edge;
  const readers = async () =>
    [...(await webrtcReaders(await readyEdges(camplane, namespace))).values()].reduce((a, b) => a + b, 0);
  const whep = `http://${host}:${ports.webrtc}/street/whep`;
  const page = await openWhepPage(browser, whep, { to: { address: host, protocol: 'udp' } }, client.headers);
  await page.waitForFrames(5);
  const watching = await readers();
  const arrived = new EventTarget();
  const first = once(arrived, 'frame');
  const playing = followFrames(
    {
      url: `rtsp://${client.login}${host}:${ports.rtsp}/street`,
      ...{ pixelFormat: 'gray', width: 64, height: 48, seconds: 60 },
    },
    () => arrived.dispatchEvent(new Event('frame')),
  );
  const ended = playing.then(
    () => Promise.reject(new Error('the player still has video after 60 s')),
    () => performance.now(),
  );
  await first;
  await options.revoke();
  const revokedMs = performance.now();
  const gone = waitUntil(readers, (now) => now < watching, {
    ...{ what: 'the WebRTC session ends', timeoutMs: 30_000, intervalMs: 100 },
  }).then(() => performance.now());
  const [rtspMs, webrtcMs] = await Promise.all([ended, gone]);
  await page.close();
  return { rtsp: (rtspMs - revokedMs) / 1000, webrtc: (webrtcMs - revokedMs) / 1000 };
}
