import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '@camplane/testkit/free-port';
import { randomUUID } from 'node:crypto';
import { startAccessSuite } from '../testing/access-suite.ts';
import type { AccessSuite } from '../testing/access-suite.ts';
import { createHttpClient, forEachAtOnce } from '../testing/matrix/http-client.ts';
import { mediaCasesOf } from '../testing/matrix/media-cases.ts';
import type { HookRequest, MediaCase } from '../testing/matrix/media-cases.ts';
import { createSecrets } from '../testing/matrix/media-secrets.ts';
import { createWorld } from '../testing/matrix/world.ts';

/*
 * Every action of MediaMTX × protocol × kind of credential × place of it × camera, posted to the auth hook of a running
 * control-api as MediaMTX posts it. The expectations share no code with what decides. That MediaMTX does ask, and what it
 * then does, is tested in e2e/src/media-access.int.test.ts.
 */

jest.setTimeout(120_000);

const many = 1_000_000;
const connections = 8;
const shownMax = 40;
const hourMs = 3600_000;
const ticketSecret = 'a secret of tests with 32 characters';
const apiPassword = 'a password of the control API';

let suite: AccessSuite;
let client: ReturnType<typeof createHttpClient>;
let cases: MediaCase[];

beforeAll(async () => {
  suite = await startAccessSuite();
  const hookPort = await freePort();
  const api = await suite.start({
    media: { hookPort, apiUrls: [], apiPassword, ticketSecret },
    limits: { writesPerMinute: many, loginsPerMinute: many },
  });
  const admin = await api.signIn();
  await createWorld(api, admin);
  const secrets = await createSecrets(api, admin, {
    ...{ ticketSecret, apiPassword },
    nowSeconds: () => Math.floor((Date.now() + 2 * hourMs) / 1000),
    expiresAt: new Date(Date.now() + hourMs).toISOString(),
  });
  suite.pass(2 * hourMs);
  cases = mediaCasesOf(secrets, apiPassword);
  client = createHttpClient(`http://127.0.0.1:${hookPort}`, connections);
});
afterAll(async () => {
  client?.close();
  await suite?.stop();
});

const post = async (body: unknown): Promise<number> =>
  (await client.call({ method: 'POST', path: '/mediamtx/auth', headers: {}, body })).status;

/** MediaMTX admits on any status of 2xx and refuses on every other. */
const outcomeOf = (status: number): string =>
  status === 204 ? 'allowed' : status === 401 ? 'refused' : `status ${status}`;

async function answerTo({ create, spentBefore }: MediaCase): Promise<string> {
  const request = create();
  // RTSP asks with the ids of the connection and of the session.
  const asked = spentBefore ? [randomUUID(), randomUUID()] : [];
  for (const id of asked) await post({ ...request, id } satisfies HookRequest);
  return outcomeOf(await post(request));
}

describe('the matrix of access to video', () => {
  it('admits to each camera the users who may view it, and no other', async () => {
    const differences: string[] = [];
    await forEachAtOnce(cases, connections, async (each) => {
      const outcome = await answerTo(each);
      if (outcome !== each.expected) differences.push(`${each.name}: ${outcome} instead of ${each.expected}`);
    });
    console.log(`${cases.length} requests of readers, ${differences.length} differences`);
    expect(differences.slice(0, shownMax)).toEqual([]);
    expect(cases.length).toBeGreaterThan(10_000);
    expect(cases.filter(({ expected }) => expected === 'allowed').length).toBeGreaterThan(200);
  });

  it.each([
    ['no JSON', 'text'],
    ['a list', []],
    ['no fields', {}],
    ['fields of other types', { action: ['read'], path: { id: 'cam-named' }, id: 1 }],
  ])('refuses %s', async (_what, body) => {
    expect(await post(body)).toBe(400);
  });
});
