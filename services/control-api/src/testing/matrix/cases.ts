import type { Operation } from '@camplane/contracts/operation';
import { operations } from '@camplane/contracts/operations';
import type { OperationId } from '@camplane/contracts/operations';
import { randomUUID } from 'node:crypto';
import type { HttpAnswer } from './http-client.ts';
import { expectedOf, may } from './oracle.ts';
import type { Caller, MatrixCamera, Outcome } from './oracle.ts';
import { allCameras, cameras, screenshotName } from './world.ts';
import type { MatrixDetections } from './world.ts';

/** One request of a caller and what it has to answer. */
export type MatrixCase = {
  name: string;
  caller: Caller;
  method: string;
  path: string;
  body?: unknown;
  expected: Outcome;
  /** The id in the path, and whether it is one that must answer like the absent one. */
  id: string;
  operationId: OperationId;
};

/** No operation accepts it, so that a permitted change answers 400 and changes nothing. */
const invalidBody = { nonsense: true };
const malformedIds = ['Not_An_Id', '..%2F..', 'a'.repeat(300)];

type Target = { id: string; on: MatrixCamera | undefined; isMalformed?: boolean };

/** Every operation of the table × every target × every caller, reads also as HEAD. */
export function casesOf(callers: readonly Caller[], detections: MatrixDetections): MatrixCase[] {
  const targets = targetsOf(detections);
  const table = Object.entries<Operation>(operations) as [OperationId, Operation][];
  return callers.flatMap((caller) => [
    ...table.flatMap(([operationId, operation]) => {
      const hasId = operation.path.includes('{id}');
      const ofId = hasId ? targets[operation.idOf ?? 'camera'] : [{ id: '', on: undefined }];
      const methods = operation.method === 'get' ? ['GET', 'HEAD'] : [operation.method.toUpperCase()];
      return ofId.flatMap(({ id, on, isMalformed }: Target) =>
        methods.map((method) => ({
          name: `${caller.name}: ${method} ${operationId} ${id.slice(0, 40)}`,
          caller,
          method,
          path: operation.path
            .replace('{id}', id)
            .replace('{filename}', screenshotName)
            .replace('{session}', 'none'),
          ...(operation.method === 'get' ? {} : { body: invalidBody }),
          expected: expectedOf(caller, operation, on, isMalformed),
          id,
          operationId,
        })),
      );
    }),
    ...bodyCasesOf(caller),
  ]);
}

function targetsOf(detections: MatrixDetections): Record<NonNullable<Operation['idOf']>, Target[]> {
  const malformed = malformedIds.map((id) => ({ id, on: undefined, isMalformed: true }));
  const absent = { id: randomUUID(), on: undefined };
  return {
    camera: [...allCameras.map((camera) => ({ id: camera.id, on: camera })), ...malformed],
    detection: [
      ...[...detections.of].map(([camera, id]) => ({ id, on: camera })),
      { id: detections.absent, on: undefined },
      ...malformed,
    ],
    user: [absent, ...malformed],
    session: [absent],
    token: [absent],
    role: [
      { id: 'viewer', on: undefined },
      { id: 'no-such-role', on: undefined },
    ],
  };
}

/** Bodies that name a camera: its right decides, too. */
function bodyCasesOf(caller: Caller): MatrixCase[] {
  const base = { caller, method: 'POST', id: '' };
  const source = { url: 'rtsp://192.0.2.10/a' };
  const registered = allCameras.filter(({ isRegistered }) => isRegistered);
  const first = (operationId: 'createCamera' | 'createStream' | 'probeSource') =>
    expectedOf(caller, operations[operationId], undefined);

  const creations = registered.flatMap((camera) =>
    [{}, { site: 'north' }, { site: 'south' }].map((labels): MatrixCase => {
      const created = { ...camera, labels };
      const isDenied = first('createCamera') === 'allowed' && !may(caller, 'camera.configure', created);
      return {
        ...base,
        name: `${caller.name}: createCamera ${camera.id} ${JSON.stringify(labels)}`,
        operationId: 'createCamera',
        path: operations.createCamera.path,
        body: { id: camera.id, labels, source },
        expected: isDenied ? 'forbidden' : first('createCamera'),
      };
    }),
  );
  const newStreams = registered.map((camera): MatrixCase => {
    const created = { ...camera, labels: {} };
    const isDenied = first('createStream') === 'allowed' && !may(caller, 'camera.configure', created);
    return {
      ...base,
      name: `${caller.name}: createStream ${camera.id}`,
      operationId: 'createStream',
      path: operations.createStream.path,
      body: { id: camera.id, rtspUrl: source.url },
      expected: isDenied ? 'forbidden' : first('createStream'),
    };
  });
  const probes = allCameras.map((camera): MatrixCase => {
    const gate = first('probeSource');
    const onCamera = expectedOf(caller, operations.replaceCamera, camera);
    const expected = camera.isRegistered || onCamera !== 'allowed' ? onCamera : 'hidden';
    return {
      ...base,
      name: `${caller.name}: probeSource of ${camera.id}`,
      operationId: 'probeSource',
      path: operations.probeSource.path,
      body: { ...source, cameraId: camera.id },
      expected: gate === 'allowed' ? expected : gate,
    };
  });
  // Only those that must be refused: the others would change the camera.
  const relabellings = registered.flatMap((camera): MatrixCase[] => {
    const labels = { site: 'elsewhere' };
    const isDenied =
      expectedOf(caller, operations.replaceCamera, camera) === 'allowed' &&
      !may(caller, 'camera.configure', { ...camera, labels });
    if (!isDenied) return [];
    const path = operations.replaceCamera.path.replace('{id}', camera.id);
    const common = { ...base, path, expected: 'forbidden' as const };
    const what = `${camera.id} with labels that take it away`;
    return [
      {
        ...common,
        name: `${caller.name}: replaceCamera ${what}`,
        operationId: 'replaceCamera',
        method: 'PUT',
        body: { labels, source },
      },
      {
        ...common,
        name: `${caller.name}: updateCamera ${what}`,
        operationId: 'updateCamera',
        method: 'PATCH',
        body: { labels: { ...labels, floor: null } },
      },
    ];
  });
  return [...creations, ...newStreams, ...probes, ...relabellings];
}

/** What an answer means. HEAD has no body to read it from. */
export function outcomeOf(
  { operationId, method }: MatrixCase,
  { status, text }: HttpAnswer,
): Outcome | 'failed' {
  const { idOf = 'camera' } = operations[operationId] as Operation;
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404 && method === 'HEAD' && ['camera', 'detection'].includes(idOf)) return 'hidden';
  if (status === 404 && /"code":"(camera|detection)-not-found"/.test(text)) return 'hidden';
  return status === 500 || status === 429 ? 'failed' : 'allowed';
}

/**
 * The parts of an answer that a caller sees, without the id that it sent, the time, and the validator, which depends on
 * both.
 */
export function visibleParts(answer: HttpAnswer, id: string): unknown {
  const { date: _date, etag: _etag, ...headers } = answer.headers;
  return { status: answer.status, headers, text: answer.text.replaceAll(id, 'ID') };
}

export const absentIds = (detections: MatrixDetections): Record<string, string> => ({
  camera: cameras.absent.id,
  detection: detections.absent,
});
