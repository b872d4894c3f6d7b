import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { permissionNameSchema } from '@camplane/contracts/access';
import { operationExamples } from '@camplane/contracts/examples/operation-examples';
import { problemsOf } from '@camplane/contracts/operation';
import type { Operation } from '@camplane/contracts/operation';
import { operations } from '@camplane/contracts/operations';
import type { OperationId } from '@camplane/contracts/operations';
import { detectionsTopic } from '@camplane/contracts/topics';
import { readFileSync } from 'node:fs';
import { startAccessSuite } from '../testing/access-suite.ts';
import type { AccessSuite } from '../testing/access-suite.ts';
import { startFakeCameraService } from '../testing/fake-camera-service.ts';
import type { FakeCameraService } from '../testing/fake-camera-service.ts';
import { createPostmanRunner } from '../testing/postman-runner.ts';
import type { PostmanAnswer, PostmanCollection } from '../testing/postman-runner.ts';
import { jpegOf, resultOf } from '../testing/result-of.ts';
import { eventually } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';

jest.setTimeout(60_000);

const file = new URL('../../../../docs/reference/camplane.postman_collection.json', import.meta.url);
const collection = JSON.parse(readFileSync(file, 'utf8')) as PostmanCollection;
const cameraId = 'front-door';

/** What does not succeed here, and why. */
const refused: Partial<Record<OperationId, PostmanAnswer>> = {
  // No MediaMTX runs.
  offerWebrtc: { status: 503, code: 'service-unavailable' },
  createWhepSession: { status: 503, code: 'service-unavailable' },
  readWhepOptions: { status: 503, code: 'service-unavailable' },
  updateWhepSession: { status: 404, code: 'session-not-found' },
  deleteWhepSession: { status: 404, code: 'session-not-found' },
  // The collection signs in with an API token, and its example of a user does not exist yet.
  createSession: { status: 401, code: 'wrong-login' },
  changePassword: { status: 403, code: 'forbidden' },
  deleteSession: { status: 403, code: 'forbidden' },
  createToken: { status: 403, code: 'forbidden' },
  revokeToken: { status: 404, code: 'token-not-found' },
};

let suite: AccessSuite;
let otherServices: FakeCameraService;
let api: RunningApi;
let token: string;

beforeAll(async () => {
  [suite, otherServices] = await Promise.all([startAccessSuite(), startFakeCameraService()]);
  otherServices.answer(({ url = '' }, response) => {
    const { probeSource, readJpegInfo } = operationExamples;
    const json = url.endsWith('/probe')
      ? probeSource.answer
      : url.endsWith('/info')
        ? readJpegInfo.answer
        : undefined;
    response.setHeader('content-type', json ? 'application/json' : 'image/jpeg');
    response.end(json ? JSON.stringify(json) : jpegOf(1000));
  });
  const { url } = otherServices;
  api = await suite.start({ cameraServiceUrl: url, streamProxy: { url, secret: 'secret of a test' } });
  const permissions = permissionNameSchema.options;
  const created = await api.call(
    'POST',
    operations.createToken.path,
    { name: 'Postman', permissions, scope: { kind: 'all' } },
    await api.signIn(),
  );
  token = created.body.secret;
});
afterAll(async () => {
  await suite?.stop();
  await otherServices?.stop();
});

/** Stores a detection of the camera with its image. */
async function detect(): Promise<void> {
  await api.bus.publish(
    detectionsTopic,
    cameraId,
    resultOf(cameraId, { picture: jpegOf(1000).toString('base64') }),
  );
  await eventually(async () => {
    const headers = { authorization: `Bearer ${token}` };
    const { body } = await api.call('GET', operations.listDetections.path, undefined, headers);
    expect(body.items).toHaveLength(1);
  });
}

describe('the Postman collection', () => {
  const names = collection.item.flatMap(({ item }) => item.map(({ name }) => name));

  it('has every operation over HTTP', () => {
    const overHttp = Object.entries<Operation>(operations).filter(([, { upgrade }]) => !upgrade);
    expect([...names].sort()).toEqual(overHttp.map(([id]) => id).sort());
  });

  it('gets from the API what its operations declare, in the order of its folders', async () => {
    const runner = createPostmanRunner(collection, { baseUrl: api.url, token, cameraId });
    const requests = collection.item.flatMap(({ item }) => item);
    // The detections of a stream are read while it exists.
    const isLast = ({ name }: { name: string }): boolean => name === 'deleteStream';
    const ordered = [...requests.filter((request) => !isLast(request)), ...requests.filter(isLast)];
    const answers: Record<string, PostmanAnswer> = {};
    for (const request of ordered) {
      if (request.name === 'listDetections') await detect();
      answers[request.name] = await runner.send(request);
      // Every example of a query is accepted, too.
      const { query } = request.request.url;
      if (query)
        expect([request.name, await runner.send(request, { withDisabled: true })]).toEqual([
          request.name,
          answers[request.name],
        ]);
    }
    const declared = Object.fromEntries(
      names.map((name) => [
        name,
        refused[name as OperationId] ?? { status: operations[name as OperationId].answer.status },
      ]),
    );
    expect(answers).toEqual(declared);
    for (const [id, { code }] of Object.entries(refused)) {
      expect([id, problemsOf(operations[id as OperationId])]).toEqual([id, expect.arrayContaining([code])]);
    }
  });
});
