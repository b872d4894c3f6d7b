import { once } from 'node:events';
import { connect } from 'node:tls';
import { expect } from '@jest/globals';
import { operationPath } from '@camplane/contracts/operations';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { followFrames } from '@camplane/testkit/read-stream';
import { waitUntil } from '@camplane/testkit/wait-until';
import { openDashboard } from '../dashboard-page.ts';
import { openPeerPage } from '../media/plain-peer-page.ts';
import type { CamplaneCluster } from './camplane-cluster.ts';
import { timed } from './camplane-cluster.ts';
import { signedInAs } from './signed-in-page.ts';
import { playsOverRtsp, rtspUrlOf, settled, statusOfHls } from './tenancy-checks.ts';
import type { Installation } from './tenancy-checks.ts';
import { dashboardHost, mediaHost } from './tenant-certificate.ts';
import type { TenantCertificates } from './tenant-certificate.ts';
import { viewingWith } from './viewing.ts';

const sdp = { 'content-type': 'application/sdp' };
/** Ports that serve TLS, by Service. */
const securePorts = { 'camplane-control-api': [8080], 'camplane-mediamtx': [8322, 8888, 8889] };

/** A browser that reaches the installation with a certificate under the names of its viewers. */
export async function startTlsBrowser(camplane: CamplaneCluster, at: Installation): Promise<TestBrowser> {
  const hosts = {
    [dashboardHost]: at.apiAddress,
    [mediaHost]: await camplane.addressOf(at.name, 'camplane-mediamtx'),
  };
  return startChromium({ hosts, anyCertificate: true });
}

/** The notes of helm and the endpoints of cameras name addresses with TLS. */
export async function checkAddresses(camplane: CamplaneCluster, at: Installation, notes: string) {
  expect(notes).toContain('Dashboard  https://127.0.0.1:8080 ');
  expect(notes).toContain(`RTSP       rtsps://USER:TOKEN@${mediaHost}:8322/CAMERA`);
  expect(notes).toContain(' 8322:8322 ');
  const { status } = (await camplane.get(at.name, 'camera', 'street')) as {
    status?: { endpoints?: Record<string, string> };
  };
  expect(status?.endpoints).toMatchObject({
    rtsp: `rtsps://${mediaHost}:8322/street`,
    hls: expect.stringMatching(`^https://${mediaHost}:8888/street`),
    webrtc: `https://${mediaHost}:8889/street`,
  });
}

/** The cookie is only for HTTPS, and the dashboard plays. */
export async function checkDashboard(browser: TestBrowser, at: Installation): Promise<void> {
  const { api } = at.origins;
  const login = { username: 'admin', password: at.password };
  const { headers } = await at.toApi(api + operationPath('createSession'), {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(login) },
  });
  expect(headers.get('set-cookie')).toMatch(/^__Host-camplane-session=.*; HttpOnly; .*; Secure$/);
  const page = await openDashboard(browser, `${api}/cameras/street`, signedInAs(at.session, api));
  await timed('video in the dashboard over HTTPS', () => page.waitForFrames('webrtc', 5, 30_000));
  expect(page.takeErrors()).toEqual([]);
  await page.close();
}

/** The edge plays with a ticket or a token, and refuses clients without one, and plain HTTP. */
export async function checkEdge(at: Installation): Promise<void> {
  const { ticket } = await at.session.client.createTicket({ id: 'street', body: {} });
  const hls = [{ authorization: `Bearer ${ticket}` }, at.viewing.headers, {}];
  expect(await Promise.all(hls.map((headers) => settled(() => statusOfHls(at, headers))))).toEqual([
    200, 200, 401,
  ]);
  const logins = [at.viewing.login, ''];
  expect(await Promise.all(logins.map((login) => settled(() => playsOverRtsp(at, 'street', login))))).toEqual(
    [200, 401],
  );
  const offer = { method: 'POST', headers: sdp, body: 'v=0\r\n' };
  expect((await at.toEdge(`${at.origins.webrtc}/street/whep`, offer)).status).toBe(401);
  const inPlain = (send: typeof fetch, url: string) =>
    send(url.replace('https:', 'http:')).then(
      ({ status }) => status,
      () => 'closed',
    );
  expect(await inPlain(at.toEdge, `${at.origins.hls}/street/index.m3u8`)).toBe(400);
  expect(await inPlain(at.toApi, `${at.origins.api}/healthz`)).toBe('closed');
}

/** control-api reaches the edge for an offer as JSON and for WHEP. */
export async function checkWebrtcOfApi(browser: TestBrowser, at: Installation): Promise<void> {
  const page = await browser.newPage();
  const peer = await openPeerPage(page, at.origins.api + operationPath('readInfo'));
  const url = at.origins.api + operationPath('offerWebrtc', { id: 'street' });
  expect(await peer.play(url, await at.session.createToken())).toMatchObject({ status: 200, width: 768 });
  await peer.hangUp();
  const whep = at.origins.api + operationPath('createWhepSession', { id: 'street' });
  const headers = { ...at.viewing.headers, ...sdp };
  const created = await at.toApi(whep, { method: 'POST', headers, body: await peer.offer() });
  expect(created.status).toBe(201);
  const session = new URL(created.headers.get('location') ?? '', at.origins.api);
  expect((await at.toApi(session, { method: 'DELETE', headers: at.viewing.headers })).status).toBe(200);
  await page.close();
}

/** Reads `street` over RTSPS. Resolves after the first frame. */
async function startReader(at: Installation, login: string) {
  await settled(() => playsOverRtsp(at, 'street', login));
  let frames = 0;
  const end = new AbortController();
  const read = {
    url: rtspUrlOf(at, 'street', login),
    ...({ pixelFormat: 'gray', width: 64, height: 48 } as const),
  };
  const ended = followFrames(read, () => (frames += 1), end.signal).then(
    () => 'stopped' as const,
    () => performance.now(),
  );
  const waitForFrames = (more: number) => {
    const before = frames;
    const isEnough = (now: number) => now >= before + more;
    return waitUntil(() => frames, isEnough, { what: 'frames over RTSPS', timeoutMs: 20_000 });
  };
  await waitForFrames(1);
  return { waitForFrames, ended, stop: () => end.abort() };
}

/** How long a player still has video over RTSPS after its token was revoked, in milliseconds. */
export async function revokeRtsps(at: Installation): Promise<number> {
  const name = 'rtsps';
  const reader = await startReader(at, viewingWith('admin', await at.session.createToken({ name })).login);
  const { items } = await at.session.client.listTokens();
  await at.session.client.revokeToken({ id: items.find((token) => token.name === name)?.id ?? '' });
  const revokedMs = performance.now();
  return Number(await reader.ended) - revokedMs;
}

/** Renews the Secret while a player reads RTSPS, and waits until every port serves the certificate. */
export async function renewCertificate(
  camplane: CamplaneCluster,
  at: Installation,
  certificates: TenantCertificates,
): Promise<void> {
  const reader = await startReader(at, at.viewing.login);
  await certificates.issue('renewed');
  // The kubelet updates mounted Secrets when it synchronises a pod: at a change of it, or once a minute.
  const annotate = ['annotate', 'pods', '--selector=app.kubernetes.io/component in (api,edge)'];
  await camplane.kubectl(['-n', at.name, ...annotate, 'camplane.test/renewed=yes']);
  for (const [service, ports] of Object.entries(securePorts)) {
    const address = await camplane.addressOf(at.name, service);
    for (const port of ports) {
      await waitUntil(
        () => subjectAt(address, port, certificates.ca),
        (subject) => subject === 'renewed',
        { what: `the renewed certificate at ${service}:${port}`, timeoutMs: 90_000, intervalMs: 250 },
      );
    }
  }
  await reader.waitForFrames(5);
  reader.stop();
  expect(await reader.ended).toBe('stopped');
}

/** The subject of the certificate at a port, if the authority issued it for the dashboard. */
async function subjectAt(host: string, port: number, ca: string): Promise<unknown> {
  const socket = connect({ host, port, ca, servername: dashboardHost });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate().subject.CN;
  } catch (error) {
    return String(error);
  } finally {
    socket.destroy();
  }
}
