import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationPath } from '@camplane/contracts/operations';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import type { SignedIn } from '@camplane/testkit/sign-in';
import { waitUntil } from '@camplane/testkit/wait-until';
import { openPeerPage } from './media/plain-peer-page.ts';
import type { PeerPage } from './media/plain-peer-page.ts';

jest.setTimeout(120_000);

const password = 'correct-horse-battery';
const otherOrigin = 'https://cameras.example';
const sdpType = 'application/sdp';
const fragmentType = 'application/trickle-ice-sdpfrag';

let camplane: Camplane;
let browser: TestBrowser;
let amy: SignedIn;
let bob: SignedIn;
let token: string;
let offer: string;

beforeAll(async () => {
  [camplane, browser] = await Promise.all([
    startCamplane({ access: 'on', environment: { CAMPLANE_ALLOWED_ORIGINS: otherOrigin } }),
    startChromium(),
  ]);
  const source = { url: 'test:testsrc2', subUrl: 'test:testsrc' };
  await camplane.createCamera({ id: 'door', source });
  await camplane.createCamera({ id: 'yard', source: { url: 'test:testsrc2' }, enabled: false });
  const grants = [{ role: 'viewer', scope: { kind: 'cameras' as const, ids: ['door', 'yard'] } }];
  for (const username of ['amy', 'bob']) await camplane.createUser({ username, password, grants });
  [amy, bob] = await Promise.all([
    camplane.signIn({ username: 'amy', password }),
    camplane.signIn({ username: 'bob', password }),
  ]);
  token = await amy.createToken();
  await camplane.waitForPhase('door', 'RUNNING', 40_000);
  offer = await (await openPage()).offer();
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await camplane?.dispose();
});

async function openPage(): Promise<PeerPage & { close(): Promise<void> }> {
  const page = await browser.newPage();
  const peer = await openPeerPage(page, `${camplane.url}${operationPath('readInfo')}`);
  return { ...peer, close: () => page.close() };
}

const offerPath = (id: string) => operationPath('offerWebrtc', { id });
const whepPath = (id: string) => operationPath('createWhepSession', { id });
const urlOf = (path: string) => new URL(path, camplane.url).href;

function call(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Response> {
  return fetch(urlOf(path), {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

const peers = async (count: number) =>
  waitUntil(
    () => camplane.status('door'),
    ({ peerConnectionCount }) => peerConnectionCount === count,
    { what: `${count} peers`, timeoutMs: 30_000 },
  );

describe('an offer to the API', () => {
  it('plays in a page with only RTCPeerConnection, over a restart of ICE, and ends with the connection', async () => {
    const page = await openPage();
    const main = await page.play(urlOf(offerPath('door')), token);
    expect(main).toMatchObject({ status: 200, location: expect.stringContaining(whepPath('door')) });
    await peers(1);
    const restarted = await page.restartIce(urlOf(main.location ?? ''), token);
    expect(restarted).toEqual({ status: 200, etag: expect.stringMatching(/^"[^"*]+"$/) });
    await page.hangUp();
    await peers(0);
    await page.close();
  });

  it('plays the sub stream, and ends within two seconds after the right to it', async () => {
    const page = await openPage();
    const secret = await bob.createToken();
    const { status } = await page.play(urlOf(`${offerPath('door')}?quality=sub`), secret);
    expect(status).toBe(200);
    const [{ id = '' } = {}] = (await bob.client.listTokens()).items;
    const revokedMs = performance.now();
    await bob.client.revokeToken({ id });
    await waitUntil(page.hasEnded, (ended) => ended, { what: 'the end of the session', timeoutMs: 10_000 });
    expect(performance.now() - revokedMs).toBeLessThan(2_000);
    await page.close();
  });
});

describe('a WHEP session', () => {
  it('has a location, a tag and ICE servers, takes candidates, and is closed once', async () => {
    const created = await call('POST', whepPath('door'), { 'content-type': sdpType }, offer);
    expect([created.status, created.headers.get('content-type')]).toEqual([201, sdpType]);
    expect(await created.text()).toMatch(/^v=0/);
    const location = created.headers.get('location') ?? '';
    const etag = created.headers.get('etag') ?? '';
    expect(location).toMatch(/\/whep\/[\w-]{100,}$/);
    expect(etag).toMatch(/^"[^"*]+"$/);

    const lines = offer.split('\r\n');
    const credentials = lines.filter((line) => /^a=ice-(ufrag|pwd):/.test(line));
    const candidates = lines.filter((line) => line.startsWith('a=candidate:'));
    const media = ['m=video 9 UDP/TLS/RTP/SAVPF 0', 'a=mid:0', ...candidates, ''];
    const fragment = [...credentials, ...media].join('\r\n');
    const trickle = async (headers: Record<string, string>, body = fragment) => {
      const response = await call('PATCH', location, { 'content-type': fragmentType, ...headers }, body);
      return response.status;
    };
    expect(await trickle({ 'if-match': etag })).toBe(204);
    expect(await trickle({})).toBe(428);
    expect(await trickle({ 'if-match': '"older"' })).toBe(412);
    expect(await trickle({ 'if-match': etag, 'content-type': sdpType })).toBe(415);
    expect(await trickle({ 'if-match': etag }, 'nonsense')).toBe(400);

    const restart = fragment
      .replace(/(?<=a=ice-ufrag:)\S+/, 'rEst')
      .replace(/(?<=a=ice-pwd:)\S+/, 'x'.repeat(24));
    const headers = { 'content-type': fragmentType, 'if-match': '*' };
    const restarted = await call('PATCH', location, headers, restart);
    expect([restarted.status, restarted.headers.get('content-type')]).toEqual([200, fragmentType]);
    expect(await restarted.text()).toMatch(/^a=ice-ufrag:\S+\r?\na=ice-pwd:/m);
    expect(await trickle({ 'if-match': etag })).toBe(412);
    const newTag = restarted.headers.get('etag') ?? '';
    expect(await trickle({ 'if-match': newTag }, restart)).toBe(204);

    const other = { authorization: `Bearer ${await bob.createToken()}` };
    expect((await call('DELETE', location, other)).status).toBe(404);
    expect((await call('DELETE', location)).status).toBe(200);
    const again = await call('DELETE', location);
    expect([again.status, await again.json()]).toMatchObject([404, { code: 'session-not-found' }]);
  });

  it.each([
    ['no description', sdpType, () => 'hello', 400, 'invalid-body', 'begins with v=0'],
    ['no media', sdpType, () => 'v=0\r\n', 400, 'invalid-body', 'has no media'],
    ['no ICE', sdpType, () => offer.replaceAll(/a=ice-ufrag.*\r\n/g, ''), 400, 'invalid-body', 'a=ice-ufrag'],
    [
      'video to send',
      sdpType,
      () => offer.replaceAll('recvonly', 'sendonly'),
      406,
      'not-acceptable',
      'recvonly',
    ],
    [
      'no known codec',
      sdpType,
      () => offer.replaceAll(/ [A-Z0-9]+\/90000/g, ' X/90000'),
      406,
      'not-acceptable',
      'H264',
    ],
    [
      'no codec of the camera',
      sdpType,
      () => offer.replaceAll(' H264/', ' X/'),
      406,
      'not-acceptable',
      'offer cannot be answered',
    ],
    ['another type', 'text/plain', () => offer, 415, 'unsupported-media-type', sdpType],
    ['too much', sdpType, () => offer.padEnd(70_000, 'x'), 413, 'body-too-large', 'bytes'],
  ])('is refused for an offer with %s', async (_what, type, body, status, code, text) => {
    const response = await call('POST', whepPath('door'), { 'content-type': type }, body());
    const problem: unknown = await response.json();
    expect([response.status, problem]).toMatchObject([status, { code }]);
    expect(JSON.stringify(problem)).toContain(text);
  });

  it('is refused for an offer of another form, a quality that the camera lacks, and absent cameras', async () => {
    const json = { 'content-type': 'application/json' };
    const send = async (path: string, body: object) => {
      const response = await call('POST', path, json, JSON.stringify(body));
      return [response.status, await response.text()] as const;
    };
    const [type, typeText] = await send(offerPath('door'), { sdp: offer, type: 'answer' });
    expect([type, typeText]).toEqual([400, expect.stringContaining('must be offer')]);
    const valid = { sdp: offer, type: 'offer' };
    const [quality, qualityText] = await send(`${offerPath('yard')}?quality=high`, valid);
    expect([quality, qualityText]).toEqual([400, expect.stringContaining('quality')]);
    const [absent, absentText] = await send(offerPath('absent'), valid);
    expect([absent, absentText]).toEqual([404, expect.stringContaining('camera-not-found')]);
  });

  it('shows the slate of a camera that is not live', async () => {
    const response = await call('POST', whepPath('yard'), { 'content-type': sdpType }, offer);
    expect(response.status).toBe(201);
    expect((await call('DELETE', response.headers.get('location') ?? '')).status).toBe(200);
  });

  it('is open to pages of permitted origins, after a preflight without credentials', async () => {
    const preflight = (origin: string) =>
      fetch(urlOf(whepPath('door')), {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const permitted = await preflight(otherOrigin);
    expect(permitted.status).toBe(204);
    expect(permitted.headers.get('access-control-allow-origin')).toBe(otherOrigin);
    expect(permitted.headers.get('access-control-allow-methods')).toContain('POST');
    const refused = await preflight('https://evil.example');
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    const options = await call('OPTIONS', whepPath('door'), { origin: otherOrigin });
    expect([options.status, options.headers.get('accept-post')]).toEqual([204, sdpType]);
    expect(options.headers.get('access-control-expose-headers')).toContain('Location');
    expect((await fetch(urlOf(whepPath('door')), { method: 'OPTIONS' })).status).toBe(401);
  });
});
