import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationPath, operations } from '@camplane/contracts/operations';
import type { OperationId } from '@camplane/contracts/operations';
import { detectionsTopic } from '@camplane/contracts/topics';
import { randomUUID } from 'node:crypto';
import { globSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAccessSuite } from '../testing/access-suite.ts';
import type { AccessSuite } from '../testing/access-suite.ts';
import { startFakeCameraService } from '../testing/fake-camera-service.ts';
import type { FakeCameraService } from '../testing/fake-camera-service.ts';
import { createHttpClient } from '../testing/matrix/http-client.ts';
import { entryOf, jpegOf, resultOf } from '../testing/result-of.ts';
import { eventually } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';

jest.setTimeout(60_000);

const canary = 'canary-of-a-file';
const password = 'paths of many tests';
const foreign = 'yard';

let suite: AccessSuite;
let cameraService: FakeCameraService;
let api: RunningApi;
let client: ReturnType<typeof createHttpClient>;
let admin: Record<string, string>;
let viewer: Record<string, string>;
let frames: string;
const detections = new Map<string, string>();

beforeAll(async () => {
  [suite, cameraService] = await Promise.all([startAccessSuite(), startFakeCameraService()]);
  frames = join(suite.folder, 'frames');
  mkdirSync(frames);
  writeFileSync(join(suite.folder, 'secret.jpg'), canary);
  writeFileSync(join(frames, 'secret.jpg'), canary);
  api = await suite.start({ cameraServiceUrl: cameraService.url, frameStoragePath: frames });
  client = createHttpClient(api.url, 4);
  admin = await api.signIn();
  const grants = [{ role: 'viewer', scope: { kind: 'cameras', ids: ['door', 'gone'] } }];
  await api.call('POST', operations.createUser.path, { username: 'amy', password, grants }, admin);
  viewer = await api.signIn('amy', password);
  for (const id of ['door', 'gone', foreign]) {
    await api.call(
      'POST',
      operations.createCamera.path,
      { id, source: { url: 'rtsp://192.0.2.10/a' } },
      admin,
    );
    detections.set(id, await detect(id));
  }
  await api.call('DELETE', operationPath('deleteCamera', { id: 'gone' }), undefined, admin);
});
afterAll(async () => {
  client?.close();
  await suite?.stop();
  await cameraService?.stop();
});

async function detect(cameraId: string): Promise<string> {
  const entry = entryOf();
  const picture = jpegOf(400).toString('base64');
  await api.bus.publish(detectionsTopic, cameraId, resultOf(cameraId, { detections: [entry], picture }));
  await eventually(async () =>
    expect(await get('readDetectionImage', entry.id, admin)).toMatchObject({ status: 200 }),
  );
  return entry.id;
}

/** The id goes into the path as it is. */
function get(operation: OperationId, id: string, headers: Record<string, string>) {
  const path = operations[operation].path.replace('{id}', () => id);
  return client.call({ method: 'GET', path, headers });
}

const ups = [
  '../',
  '..%2f',
  '..%2F',
  '%2e%2e/',
  '%2e%2e%2f',
  '%252e%252e%252f',
  '..%5c',
  '..%c0%af',
  '....//',
];
const files = ['secret.jpg', 'etc/passwd', 'etc%2Fpasswd', 'yard', 'admin-password', 'secret.jpg%00', '%00'];
const hostileIds: string[] = [
  ...ups.flatMap((up) => files.map((file) => `${up.repeat(3)}${file}`)),
  ...ups.flatMap((up) => [`door${up.startsWith('.') ? '/' : ''}${up}${foreign}`, `door%2f${up}secret.jpg`]),
  ...[
    '%2fetc%2fpasswd',
    '%2Fproc%2Fself%2Fenviron',
    'file:%2f%2f%2fetc%2fpasswd',
    'secret.jpg',
    './secret.jpg',
  ],
  ...[
    'door%00',
    'door%00.jpg',
    'door%20',
    'door.',
    'DOOR',
    'door%0d%0aX-Injected:%201',
    'door;yard',
    'door,yard',
    '*',
  ],
  ...[
    '%',
    '%zz',
    '%ff%fe',
    '%u002e%u002e',
    '\\..\\yard',
    'a'.repeat(2000),
    '__proto__',
    'constructor',
    '%2e',
    '%2e%2e',
  ],
];

describe('paths of images and snapshots', () => {
  it.each(['readSnapshot', 'readDetectionImage', 'readDetection', 'readCamera', 'readCombined'] as const)(
    'lead nowhere with a hostile id: %s',
    async (operation) => {
      const leaks: string[] = [];
      for (const id of hostileIds) {
        const { status, text, headers } = await get(operation, id, viewer);
        // The path leaves the API, and the server answers with the page of the dashboard.
        const isPage = id.includes('/') && /^text\/html/.test(headers['content-type'] ?? '');
        const isRefused = status === 404 || status === 400 || (status === 200 && isPage);
        const isFile = /canary-of-a-file|root:x:0/.test(text) || headers['x-injected'] !== undefined;
        if (!isRefused || isFile) leaks.push(`${id}: ${status}`);
      }
      expect(leaks).toEqual([]);
      // camera-service got none of them.
      expect(cameraService.requests.map(({ path }) => path)).toEqual([]);
    },
  );

  it('lead to no image of another or an absent camera', async () => {
    const statusOf = async (id: string) => (await get('readDetectionImage', id, viewer)).status;
    expect(await statusOf(detections.get('door') ?? '')).toBe(200);
    // It may view this camera, which was deleted.
    expect(await statusOf(detections.get('gone') ?? '')).toBe(200);
    expect(await statusOf(detections.get(foreign) ?? '')).toBe(404);
    expect(await statusOf(randomUUID())).toBe(404);
    for (const id of ['gone', foreign, 'absent'])
      expect((await get('readSnapshot', id, viewer)).status).toBe(404);
  });

  it('do not follow links in the folder of images', async () => {
    const [image = ''] = globSync(join(frames, 'door', '*', '*.jpg'));
    rmSync(image);
    for (const target of [
      join(suite.folder, 'secret.jpg'),
      globSync(join(frames, foreign, '*', '*.jpg'))[0] ?? '',
    ]) {
      symlinkSync(target, image);
      const { status, text } = await get('readDetectionImage', detections.get('door') ?? '', viewer);
      expect([status, text.includes(canary)]).toEqual([404, false]);
      rmSync(image);
    }
  });
});
