import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { User } from '@camplane/contracts/access';
import { startCamplane, testAdministrator } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import type { SignedIn } from '@camplane/testkit/sign-in';
import { openTicketForge } from './media/forged-ticket.ts';
import type { TicketForge } from './media/forged-ticket.ts';
import {
  describeRtsp,
  startHlsReader,
  startRtspReader,
  startWebrtcReader,
  tries,
} from './media/media-readers.ts';
import type { MediaTarget, Presented, Protocol, Reader } from './media/media-readers.ts';

jest.setTimeout(120_000);

const protocols: Protocol[] = ['rtsp', 'hls', 'webrtc'];
const password = 'correct-horse-battery';
const amyMayView = ['door', 'shed'];
/** The time in which running sessions have to end. */
const endsWithinMs = 2_000;

let camplane: Camplane;
let browser: TestBrowser;
let forge: TicketForge;
let amy: User;
let amyHere: SignedIn;
const targets = new Map<string, MediaTarget>();
const readers: Reader[] = [];

beforeAll(async () => {
  [camplane, browser] = await Promise.all([startCamplane({ access: 'on' }), startChromium()]);
  for (const id of ['door', 'yard', 'shed']) {
    const lifecycle = { start: id === 'shed' ? 'OnDemand' : 'Always', idleSeconds: 5 };
    await camplane.createCamera({ id, source: { url: 'test:testsrc2' }, lifecycle });
    targets.set(id, (await camplane.status(id)).endpoints);
  }
  for (const id of ['door', 'yard']) await camplane.waitForPhase(id, 'RUNNING', 40_000);
  await camplane.waitForPhase('shed', 'IDLE', 40_000);
  forge = await openTicketForge(camplane.dataFolder);
  amy = await camplane.createUser({ username: 'amy', password, grants: grantsOn(amyMayView) });
  amyHere = await camplane.signIn({ username: 'amy', password });
}, 180_000);

afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.stop();
  // What a test took away.
  await camplane.client.replaceUser({
    id: amy.id,
    body: { displayName: '', enabled: true, grants: grantsOn(amyMayView) },
  });
});

afterAll(async () => {
  await browser.close();
  await camplane.dispose();
});

function grantsOn(ids: string[]) {
  return [{ role: 'viewer', scope: { kind: 'cameras' as const, ids } }];
}

function targetOf(id: string): MediaTarget {
  const door = targets.get('door');
  if (!door) throw new Error('the camera has no addresses');
  const other = (url: string) => url.replace('/door', `/${id}`);
  return targets.get(id) ?? { rtsp: other(door.rtsp), hls: other(door.hls), webrtc: other(door.webrtc) };
}

async function ticketOf(user: SignedIn, id: string, use: 'header' | 'address' = 'header'): Promise<string> {
  return (await user.client.createTicket({ id, body: { use } })).ticket;
}

/** What a protocol can present: FFmpeg sends no bearer token over RTSP. */
const useOf = (protocol: Protocol) => (protocol === 'rtsp' ? 'address' : 'header');

/** Claims of a valid ticket of a user's session. */
async function claimsOf(user: SignedIn, id: string, protocol: Protocol): Promise<Record<string, unknown>> {
  const payload = (await ticketOf(user, id, useOf(protocol))).split('.')[1] ?? '';
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
}

async function startReaders(presented: (protocol: Protocol) => Promise<Presented>): Promise<Reader[]> {
  const page = await browser.newPage();
  await page.goto(camplane.url);
  const started = await Promise.all([
    startRtspReader(targetOf('door'), await presented('rtsp')),
    startHlsReader(targetOf('door'), await presented('hls')),
    startWebrtcReader(page, targetOf('door'), await presented('webrtc')),
  ]);
  readers.push(...started);
  return started;
}

/** Asserts that each reader ends in time after `change`. */
async function expectToEnd(ending: Reader[], change: () => Promise<unknown>): Promise<void> {
  expect(ending.map((reader) => reader.isReading())).toEqual(ending.map(() => true));
  await change();
  const changedMs = performance.now();
  const times = await Promise.all(ending.map(async ({ ended }) => (await ended) - changedMs));
  for (const ms of times) expect(ms).toBeLessThan(endsWithinMs);
}

describe('video with access control', () => {
  it.each(protocols)('admits over %s who may view the camera', async (protocol) => {
    const token = await amyHere.createToken();
    const ticket = await ticketOf(amyHere, 'door', useOf(protocol));
    expect(await tries(protocol, targetOf('door'), { ticket })).toBe(true);
    expect(await tries(protocol, targetOf('door'), { login: { username: 'amy', token } })).toBe(true);
  });

  it.each(protocols)('refuses over %s readers without a valid credential', async (protocol) => {
    const administrator = await camplane.signIn(testAdministrator);
    const claims = await claimsOf(amyHere, 'door', protocol);
    const ofYard = await claimsOf(administrator, 'yard', protocol);
    const otherUse = protocol === 'rtsp' ? 'header' : 'address';
    const token = await amyHere.createToken();
    const ofDoorAlone = await amyHere.createToken({ scope: { kind: 'cameras', ids: ['shed'] } });
    const noViewing = await administrator.createToken({ permissions: ['detection.view'] });
    const revoked = await revokedToken(amyHere);
    const cases: [string, string, Presented][] = [
      ['nothing', 'door', {}],
      ['a ticket for another camera', 'door', { ticket: forge.signed(ofYard) }],
      ['a ticket without the right', 'yard', { ticket: forge.signed({ ...claims, camera: 'yard' }) }],
      ['an expired ticket', 'door', { ticket: forge.signed({ ...claims, exp: 1_700_000_000 }) }],
      ['a ticket of another key', 'door', { ticket: forge.signedByAnother(claims) }],
      ['a ticket without signature', 'door', { ticket: forge.unsigned(claims) }],
      ['another audience', 'door', { ticket: forge.signed({ ...claims, aud: 'elsewhere' }) }],
      ['an absent session', 'door', { ticket: forge.signed({ ...claims, sid: crypto.randomUUID() }) }],
      ['the other kind of ticket', 'door', { ticket: await ticketOf(amyHere, 'door', otherUse) }],
      ['the password of a user', 'door', { login: { username: 'amy', token: password } }],
      ['the token of another', 'door', { login: { username: 'admin', token } }],
      ['a token for other cameras', 'door', { login: { username: 'amy', token: ofDoorAlone } }],
      ['a token for detections', 'door', { login: { username: 'admin', token: noViewing } }],
      ['a revoked token', 'door', { login: { username: 'amy', token: revoked } }],
      ['a camera of others', 'yard', { login: { username: 'amy', token } }],
      ['an absent camera', 'nowhere', { login: { username: 'amy', token } }],
      ['the user of own readers', 'door', { login: { username: 'camplane', token } }],
    ];
    const admitted = await Promise.all(
      cases.map(async ([what, id, presented]) =>
        (await tries(protocol, targetOf(id), presented)) ? [what] : [],
      ),
    );
    expect(admitted.flat()).toEqual([]);
  });

  it('refuses a disabled user at once', async () => {
    const token = await amyHere.createToken();
    const ticket = await ticketOf(amyHere, 'door');
    await camplane.client.replaceUser({
      id: amy.id,
      body: { displayName: '', enabled: false, grants: grantsOn(amyMayView) },
    });
    const presented: Presented[] = [{ ticket }, { login: { username: 'amy', token } }];
    const admitted = await Promise.all(presented.map((each) => tries('hls', targetOf('door'), each)));
    expect(admitted).toEqual([false, false]);
    amyHere = await enableAgain();
  });

  it('admits one session by a ticket in an address, which lasts longer than the ticket', async () => {
    const url = `${targetOf('door').hls}?ticket=${await ticketOf(amyHere, 'door', 'address')}`;
    const reader = await startHlsReader({ ...targetOf('door'), hls: url }, {});
    readers.push(reader);
    expect((await fetch(url)).status).toBe(401);
    expect(reader.isReading()).toBe(true);
  });

  it('ends sessions of each protocol when an API token is revoked, and no others', async () => {
    const token = await amyHere.createToken({ name: 'revoked' });
    const ofToken = await startReaders(() => Promise.resolve({ login: { username: 'amy', token } }));
    const others = await startReaders(async (protocol) => ({
      ticket: await ticketOf(amyHere, 'door', useOf(protocol)),
    }));
    await expectToEnd(ofToken, () => revoke(amyHere, 'revoked'));
    expect(others.map((reader) => reader.isReading())).toEqual([true, true, true]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['the camera is taken from the user', () => setAmy({ grants: grantsOn(['shed']) })],
    ['the user is disabled', () => setAmy({ enabled: false })],
    ['the user signs out', () => amyHere.client.deleteSession()],
  ])('ends sessions of each protocol when %s', async (_what, change) => {
    const opened = await startReaders(async (protocol) => ({
      ticket: await ticketOf(amyHere, 'door', useOf(protocol)),
    }));
    await expectToEnd(opened, change);
    amyHere = await enableAgain();
  });

  it('starts an on-demand camera only for those who may view it', async () => {
    const bob = { username: 'bob', token: await amyHere.createToken() };
    const refusals = protocols.flatMap((protocol) => [
      tries(protocol, targetOf('shed'), {}),
      tries(protocol, targetOf('shed'), { login: bob }),
      tries(protocol, targetOf('shed'), { ticket: 'not.a.ticket' }),
    ]);
    expect((await Promise.all(refusals)).filter((admitted) => admitted)).toEqual([]);
    expect((await camplane.status('shed')).phase).toBe('IDLE');
    const ticket = await ticketOf(amyHere, 'shed');
    expect(await tries('hls', targetOf('shed'), { ticket })).toBe(true);
    await camplane.waitForPhase('shed', 'RUNNING');
  });

  it('answers players that send credentials without delay', async () => {
    const token = await amyHere.createToken();
    const startedMs = performance.now();
    for (let count = 0; count < 20; count += 1) {
      const statuses = await describeRtsp(targetOf('door'), { username: 'amy', token });
      expect(statuses).toEqual([401, 200]);
    }
    // With the delay of up to 4 s after a refusal, 40 s would be usual.
    expect(performance.now() - startedMs).toBeLessThan(8_000);
  });

  it('logs no ticket, no token and no pass', async () => {
    const token = await amyHere.createToken();
    const ticket = await ticketOf(amyHere, 'door', 'address');
    await Promise.all([
      tries('rtsp', targetOf('door'), { login: { username: 'amy', token } }),
      tries('rtsp', targetOf('door'), { ticket }),
      tries('hls', targetOf('yard'), { ticket: token }),
    ]);
    expect(camplane.output()).not.toContain(token);
    expect(camplane.output()).not.toContain(ticket);
    expect(camplane.output()).not.toMatch(/camplane:[\w-]{8,}/);
  });
});

async function setAmy(change: { enabled?: boolean; grants?: ReturnType<typeof grantsOn> }): Promise<void> {
  const body = { displayName: '', enabled: true, grants: grantsOn(amyMayView), ...change };
  await camplane.client.replaceUser({ id: amy.id, body });
}

async function enableAgain(): Promise<SignedIn> {
  await setAmy({});
  return camplane.signIn({ username: 'amy', password });
}

async function revoke(user: SignedIn, name: string): Promise<void> {
  const { items } = await user.client.listTokens();
  const id = items.find((token) => token.name === name)?.id ?? '';
  await user.client.revokeToken({ id });
}

async function revokedToken(user: SignedIn): Promise<string> {
  const name = crypto.randomUUID();
  const token = await user.createToken({ name });
  await revoke(user, name);
  return token;
}
