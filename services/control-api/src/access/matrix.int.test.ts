import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operations } from '@camplane/contracts/operations';
import { startFakeCameraService } from '../testing/fake-camera-service.ts';
import type { FakeCameraService } from '../testing/fake-camera-service.ts';
import { startAccessSuite } from '../testing/access-suite.ts';
import type { AccessSuite } from '../testing/access-suite.ts';
import { createCallers, expiresInMs } from '../testing/matrix/callers.ts';
import { startExternalCallers } from '../testing/matrix/external-callers.ts';
import type { ExternalCallers } from '../testing/matrix/external-callers.ts';
import { absentIds, casesOf, outcomeOf, visibleParts } from '../testing/matrix/cases.ts';
import type { MatrixCase } from '../testing/matrix/cases.ts';
import { createHttpClient, forEachAtOnce } from '../testing/matrix/http-client.ts';
import type { HttpAnswer, HttpCall } from '../testing/matrix/http-client.ts';
import { leaksOfMessages } from '../testing/matrix/messages.ts';
import { leaksOfWatches } from '../testing/matrix/watches.ts';
import { may } from '../testing/matrix/oracle.ts';
import type { Caller, MatrixCamera } from '../testing/matrix/oracle.ts';
import { allCameras, createWorld } from '../testing/matrix/world.ts';
import type { MatrixDetections } from '../testing/matrix/world.ts';
import type { RunningApi } from '../testing/running-api.ts';

/*
 * Every operation and every message × every kind of caller × every kind of camera, against a running control-api. The
 * expectations come from testing/matrix/oracle.ts, which shares no code with what decides.
 */

jest.setTimeout(600_000);

const many = 1_000_000;
const connections = 8;
const shownMax = 40;

let suite: AccessSuite;
let cameraService: FakeCameraService;
let external: ExternalCallers;
let api: RunningApi;
let client: ReturnType<typeof createHttpClient>;
let callers: Caller[];
let detections: MatrixDetections;

beforeAll(async () => {
  [suite, cameraService, external] = await Promise.all([
    startAccessSuite(),
    startFakeCameraService(),
    startExternalCallers(),
  ]);
  api = await suite.start({
    ...external.config,
    cameraServiceUrl: cameraService.url,
    limits: {
      writesPerMinute: many,
      probesPerMinute: many,
      loginsPerMinute: many,
      eventClientsMax: 2000,
    },
  });
  const admin = await api.signIn();
  detections = await createWorld(api, admin);
  callers = [...(await createCallers(api, admin)), ...(await external.create(api))];
  suite.pass(2 * expiresInMs);
  client = createHttpClient(api.url, connections);
});
afterAll(async () => {
  client?.close();
  await suite?.stop();
  await cameraService?.stop();
  await external?.stop();
});

const answerTo = ({ caller, method, path, body }: MatrixCase): Promise<HttpAnswer> =>
  client.call({ method, path, ...connectionOf(caller), ...(body === undefined ? {} : { body }) });

const connectionOf = ({ headers, localAddress }: Caller): Pick<HttpCall, 'headers' | 'localAddress'> => ({
  headers,
  ...(localAddress === undefined ? {} : { localAddress }),
});

const get = async (
  caller: Caller,
  path: string,
): Promise<{ status: number; items: Item[]; nextCursor: string | null }> => {
  const { status, text } = await client.call({ method: 'GET', path, ...connectionOf(caller) });
  const { items = [], nextCursor = null } = JSON.parse(text) as {
    items?: Item[];
    nextCursor?: string | null;
  };
  return { status, items, nextCursor };
};
type Item = { id: string; cameraId: string };

describe('the matrix of access control', () => {
  it('answers every operation as the permissions say, and hidden like absent', async () => {
    const cases = casesOf(callers, detections);
    const leaks: string[] = [];
    const hidden = new Map<string, { name: string; id: string; answer: HttpAnswer }[]>();
    await forEachAtOnce(cases, connections, async (each) => {
      const answer = await answerTo(each);
      const outcome = outcomeOf(each, answer);
      if (outcome !== each.expected)
        leaks.push(`${each.name}: ${outcome} (${answer.status}) instead of ${each.expected}`);
      if (outcome !== 'allowed' && /matrix-canary|192\.0\.2\.10/.test(answer.text))
        leaks.push(`${each.name}: shows the source`);
      if (each.expected !== 'hidden' || each.id === '') return;
      const key = `${each.caller.name} ${each.method} ${each.operationId}`;
      hidden.set(key, [...(hidden.get(key) ?? []), { name: each.name, id: each.id, answer }]);
    });
    leaks.push(...differencesFromAbsent(hidden));
    console.log(`${cases.length} requests of ${callers.length} callers, ${leaks.length} leaks`);
    expect(leaks.slice(0, shownMax)).toEqual([]);
    expect(cases.length).toBeGreaterThan(10_000);
    // Nothing was changed by a case that was permitted.
    const { items } = await get(
      { name: 'admin', headers: await api.signIn(), rights: null },
      operations.listCameras.path,
    );
    expect(items.map(({ id }) => id).sort()).toEqual(registeredIds().sort());
  });

  it('lists what a caller may see and nothing else', async () => {
    const leaks: string[] = [];
    let cases = 0;
    const compare = (caller: Caller, what: string, found: string[], expected: MatrixCamera[]): void => {
      cases++;
      const [a, b] = [found, expected.map(({ id }) => id)].map((ids) => [...new Set(ids)].sort().join());
      if (a !== b) leaks.push(`${caller.name}: ${what} has ${a} instead of ${b}`);
    };
    await forEachAtOnce(callers, connections, async (caller) => {
      const seen = allCameras.filter((camera) => camera.isRegistered && may(caller, 'camera.view', camera));
      const withDetections = [...detections.of.keys()].filter((camera) =>
        may(caller, 'detection.view', camera),
      );
      compare(
        caller,
        'listCameras',
        (await get(caller, operations.listCameras.path)).items.map(({ id }) => id),
        seen,
      );
      compare(
        caller,
        'listStreams',
        (await get(caller, operations.listStreams.path)).items.map(({ id }) => id),
        seen,
      );
      compare(
        caller,
        'listStatus',
        (await get(caller, operations.listStatus.path)).items.map(({ cameraId }) => cameraId),
        seen,
      );
      const path = operations.listDetections.path;
      const found = await pages(caller, `${path}?limit=1`);
      compare(caller, 'listDetections', found, withDetections);
      if (found.length !== withDetections.length)
        leaks.push(`${caller.name}: pages of detections are not full`);
      for (const camera of allCameras) {
        const { items } = await get(caller, `${path}?cameraId=${camera.id}`);
        compare(
          caller,
          `listDetections of ${camera.id}`,
          items.map(({ cameraId }) => cameraId),
          withDetections.filter((each) => each === camera),
        );
      }
    });
    expect(leaks.slice(0, shownMax)).toEqual([]);
    expect(cases).toBeGreaterThan(callers.length * 9);
  });

  it('sends each event client the messages of its cameras and nothing else', async () => {
    const { leaks, cases, refused } = await leaksOfMessages(api, callers);
    console.log(`${cases} messages × cameras, ${leaks.length} leaks`);
    expect(leaks.slice(0, shownMax)).toEqual([]);
    expect(cases).toBeGreaterThan(3_000);
    expect(refused).toBeGreaterThan(10);
  });

  it('sends each client of live JPEG its cameras and nothing else', async () => {
    const { leaks, cases } = await leaksOfWatches(api, callers);
    console.log(`${cases} watched cameras, ${leaks.length} leaks`);
    expect(leaks.slice(0, shownMax)).toEqual([]);
    expect(cases).toBeGreaterThan(300);
  });
});

/** The cameras of the detections, page by page. */
async function pages(caller: Caller, path: string): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page = await get(caller, `${path}${cursor === '' ? '' : `&cursor=${cursor}`}`);
    found.push(...page.items.map(({ cameraId }) => cameraId));
    cursor = page.nextCursor;
  }
  return found;
}

/** A hidden camera and an absent one must differ in the id alone. */
function differencesFromAbsent(
  hidden: Map<string, { name: string; id: string; answer: HttpAnswer }[]>,
): string[] {
  const absent = new Set(Object.values(absentIds(detections)));
  return [...hidden.values()].flatMap((answers) => {
    const reference = answers.find(({ id }) => absent.has(id));
    if (!reference) return [];
    const expected = JSON.stringify(visibleParts(reference.answer, reference.id));
    return answers
      .filter(({ id }) => id.length === reference.id.length)
      .filter(({ id, answer }) => JSON.stringify(visibleParts(answer, id)) !== expected)
      .map(
        ({ name, id, answer }) =>
          `${name}: ${JSON.stringify(visibleParts(answer, id))} instead of ${expected}`,
      );
  });
}

const registeredIds = (): string[] =>
  allCameras.flatMap(({ id, isRegistered }) => (isRegistered ? [id] : []));
