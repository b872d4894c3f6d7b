import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { operationPath } from '@camplane/contracts/operations';
import { createApiClient } from '@camplane/api-client/api-client';
import type { ExternalConfig } from '@camplane/control-api/access/external/external-config';
import { startAccessSuite } from '@camplane/control-api/testing/access-suite';
import type { AccessSuite } from '@camplane/control-api/testing/access-suite';
import { oidcConfigOf, redirectUri } from '@camplane/control-api/testing/oidc-config';
import { eventually } from '@camplane/control-api/testing/running-api';
import type { RunningApi } from '@camplane/control-api/testing/running-api';
import { cameraPath, pulledPath } from '@camplane/mediamtx/camera-path';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { freePorts } from '@camplane/testkit/free-port';
import { startTestMediaServer } from '@camplane/testkit/media-server';
import type { TestMediaServer } from '@camplane/testkit/media-server';
import { publishPattern } from '@camplane/testkit/publish-pattern';
import { startTestIssuer } from '@camplane/testkit/test-issuer';
import { openPeerPage } from './media/plain-peer-page.ts';
import { startHlsReader, startRtspReader, startWebrtcReader } from './media/media-readers.ts';
import type { MediaTarget, Reader } from './media/media-readers.ts';

/*
 * Sessions at an edge over restarts of control-api, and with two replicas: real MediaMTX, PostgreSQL, FFmpeg and Chromium.
 * The edge asks the first replica.
 */

jest.setTimeout(60_000);

const proxyLogin = { userHeader: 'X-Forwarded-User', groupsHeader: 'X-Forwarded-Groups' };
const endsWithinMs = 2_000;
const ticketSecret = 'a secret of tests with 32 characters';

let suite: AccessSuite;
let databaseUrl: string;
let browser: TestBrowser;
let origin: TestMediaServer;
let publisher: { stop(): Promise<void> };
let edge: TestMediaServer;
let hookPorts: [number, number];
let target: MediaTarget;
const readers: Reader[] = [];

beforeAll(async () => {
  const [first = 0, second = 0] = await freePorts(2);
  hookPorts = [first, second];
  [suite, browser, origin, edge] = await Promise.all([
    startAccessSuite(),
    startChromium(),
    startTestMediaServer({ auth: 'none' }),
    startTestMediaServer({ auth: { url: `http://127.0.0.1:${first}/mediamtx/auth` } }),
  ]);
  await origin.api.addPath('door', cameraPath({ kind: 'none' }));
  publisher = await publishPattern({ port: origin.ports.rtsp, size: '320x240', path: 'door' });
  await edge.api.addPath('door', pulledPath(origin.rtspUrl('door'), { onDemand: false }));
  const webrtc = edge.whepUrl('door').replace('/whep', '');
  target = { rtsp: edge.rtspUrl('door'), hls: edge.hlsUrl('door'), webrtc };
  databaseUrl = await suite.newDatabase();
  const api = await start(0);
  await clientOf(api, await api.signIn()).createCamera({
    body: { id: 'door', source: { url: 'test:testsrc2' } },
  });
  await api.stop();
}, 120_000);

afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.stop();
  await suite.stopApis();
});

afterAll(async () => {
  await publisher?.stop();
  await Promise.all([edge?.stop(), origin?.stop(), browser?.close(), suite?.stop()]);
});

function start(replica: 0 | 1, external: ExternalConfig = {}): Promise<RunningApi> {
  const apiUrls = [`http://127.0.0.1:${edge.ports.api}`];
  const webrtcUrl = `http://127.0.0.1:${edge.ports.webrtc}`;
  const media = { hookPort: hookPorts[replica], apiUrls, webrtcUrl, ticketSecret };
  return suite.start({ databaseUrl, media, ...external });
}

function clientOf({ url }: RunningApi, headers: Record<string, string>) {
  return createApiClient({ baseUrl: url, headers, timeoutMs: 10_000 });
}

async function createToken(api: RunningApi): Promise<{ id: string; secret: string }> {
  const { token, secret } = await clientOf(api, await api.signIn()).createToken({
    body: { name: randomUUID(), permissions: ['camera.view'], scope: { kind: 'all' }, expiresAt: null },
  });
  return { id: token.id, secret };
}

async function startReaders(token: string): Promise<Reader[]> {
  const login = { username: 'admin', token };
  const page = await browser.newPage();
  // An origin without a content security policy.
  await page.goto(`http://127.0.0.1:${origin.ports.api}/v3/info`);
  const started = await Promise.all([
    startRtspReader(target, { login }),
    startHlsReader(target, { login }),
    startWebrtcReader(page, target, { login }),
  ]);
  readers.push(...started);
  return started;
}

/** Plays over HLS with a ticket that these headers get: an access token of an issuer, or those of a proxy. */
async function watchAs(api: RunningApi, headers: Record<string, string>): Promise<Reader> {
  const { ticket } = await clientOf(api, headers).createTicket({ id: 'door', body: { use: 'header' } });
  const reader = await startHlsReader(target, { ticket });
  readers.push(reader);
  return reader;
}

/** Revokes a token at a replica; every reader ends in time. */
async function expectToEndAfterRevocation(api: RunningApi, id: string, ending: Reader[]): Promise<void> {
  expect(ending.map((reader) => reader.isReading())).toEqual([true, true, true]);
  await clientOf(api, await api.signIn()).revokeToken({ id });
  const revokedMs = performance.now();
  const times = await Promise.all(ending.map(async ({ ended }) => (await ended) - revokedMs));
  for (const ms of times) expect(ms).toBeLessThan(endsWithinMs);
}

describe('video at an edge', () => {
  it('continues over a restart of control-api, and ends when its right is revoked after it', async () => {
    const first = await start(0);
    const token = await createToken(first);
    const opened = await startReaders(token.secret);
    await first.stop();
    // While the database is unavailable, neither users nor sessions are known.
    await suite.postgres.kill();
    const second = await start(0);
    await delay(1_000);
    await suite.postgres.restart();
    await eventually(() => second.signIn());
    await delay(1_500);
    await expectToEndAfterRevocation(second, token.id, opened);
  });

  it('ends when another replica admitted it and was stopped', async () => {
    const [first, second] = await Promise.all([start(0), start(1)]);
    const token = await createToken(first);
    const opened = await startReaders(token.secret);
    // A replica reads what others wrote once a second.
    await delay(1_500);
    await first.stop();
    await expectToEndAfterRevocation(second, token.id, opened);
  });

  it('ends when an access token or a proxy user loses the right, also with new settings after a restart', async () => {
    const issuer = await startTestIssuer(redirectUri);
    const external = (mapping: string): ExternalConfig => ({
      ...oidcConfigOf(issuer, mapping),
      ...{ trustedProxies: ['127.0.0.1'], proxyLogin },
    });
    const bearer = async (subject: string, group: string) => {
      const exp = Math.floor(Date.now() / 1000) + 3600;
      const claims = { iss: issuer.url, aud: issuer.audience, sub: subject, groups: [group], exp };
      return { authorization: `Bearer ${await issuer.sign(claims)}` };
    };
    try {
      const first = await start(0, external('guards=viewer@all; guests=viewer@all; staff=viewer@all'));
      const guard = await watchAs(first, await bearer('gus', 'guards'));
      const guest = await watchAs(first, await bearer('gil', 'guests'));
      const staff = { [proxyLogin.userHeader]: 'pat', [proxyLogin.groupsHeader]: 'staff' };
      const proxied = await watchAs(first, staff);
      await first.stop();
      const opened = [guard, guest, proxied];
      expect(opened.map((reader) => reader.isReading())).toEqual([true, true, true]);

      // Guests have lost their role.
      const second = await start(0, external('guards=viewer@all; staff=viewer@all'));
      const startedMs = performance.now();
      expect((await guest.ended) - startedMs).toBeLessThan(endsWithinMs);

      const client = clientOf(second, await second.signIn());
      const pat = (await client.listUsers({})).items.find(({ username }) => username === 'pat');
      if (!pat) throw new Error('the user of the proxy is not stored');
      expect(opened.map((reader) => reader.isReading())).toEqual([true, false, true]);
      await client.replaceUser({ id: pat.id, body: { enabled: false, grants: pat.grants } });
      const disabledMs = performance.now();
      expect((await proxied.ended) - disabledMs).toBeLessThan(endsWithinMs);

      expect(guard.isReading()).toBe(true);
      suite.pass(3_600_000);
      const expiredMs = performance.now();
      expect((await guard.ended) - expiredMs).toBeLessThan(endsWithinMs);
    } finally {
      await issuer.stop();
    }
  });

  it('over WHEP is continued and ended through any replica, only by its user', async () => {
    const [first, second] = await Promise.all([start(0), start(1)]);
    const admin = await first.signIn();
    const page = await openPeerPage(await browser.newPage(), `${first.url}${operationPath('readInfo')}`);
    const offer = await page.offer();
    const at = async ({ url }: RunningApi, method: string, path: string, headers: object, body?: string) =>
      fetch(`${url}${path}`, {
        method,
        headers: { ...admin, ...headers },
        ...(body === undefined ? {} : { body }),
      });
    const whep = operationPath('createWhepSession', { id: 'door' });
    const created = await at(first, 'POST', whep, { 'content-type': 'application/sdp' }, offer);
    expect(created.status).toBe(201);
    const [location = '', etag = ''] = ['location', 'etag'].map((name) => created.headers.get(name) ?? '');

    const credentials = offer.match(/^a=ice-(ufrag|pwd):.*$/gm) ?? [];
    const fragment = [...credentials, 'm=video 9 UDP/TLS/RTP/SAVPF 0', 'a=mid:0', ''].join('\r\n');
    const trickle = async (ifMatch: string, path = location) => {
      const headers = { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': ifMatch };
      return (await at(second, 'PATCH', path, headers, fragment)).status;
    };
    expect([await trickle(etag), await trickle('"other"'), await trickle(etag, `${location}x`)]).toEqual([
      ...[204, 412, 404],
    ]);
    const { secret } = await createToken(second);
    const stranger = { username: 'stranger', password: 'correct-horse-battery' };
    await clientOf(second, admin).createUser({
      body: { ...stranger, grants: [{ role: 'viewer', scope: { kind: 'all' } }] },
    });
    expect(
      (await at(second, 'DELETE', location, await second.signIn(stranger.username, stranger.password)))
        .status,
    ).toBe(404);
    // Another credential of the same user.
    expect(
      (await at(second, 'DELETE', location, { cookie: '', authorization: `Bearer ${secret}` })).status,
    ).toBe(200);
    expect((await at(first, 'DELETE', location, {})).status).toBe(404);
  });

  it('is admitted once by an address ticket, at any replica', async () => {
    const [first] = await Promise.all([start(0), start(1)]);
    const { ticket } = await clientOf(first, await first.signIn()).createTicket({
      ...{ id: 'door', body: { use: 'address' } },
    });
    const ask = async (port: number): Promise<number> => {
      const body = {
        ...{ user: '', password: '', token: '', ip: '192.0.2.1', action: 'read', path: 'door' },
        ...{ protocol: 'hls', id: randomUUID(), query: `ticket=${ticket}` },
      };
      const url = `http://127.0.0.1:${port}/mediamtx/auth`;
      const headers = { 'content-type': 'application/json' };
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
    };
    expect(await ask(hookPorts[0])).toBe(204);
    await delay(1_500);
    expect([await ask(hookPorts[0]), await ask(hookPorts[1])]).toEqual([401, 401]);
  });
});
