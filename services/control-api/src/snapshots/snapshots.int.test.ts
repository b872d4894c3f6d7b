import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operationPath } from '@camplane/contracts/operations';
import { CamplaneError } from '@camplane/contracts/problem';
import { startFakeCameraService } from '../testing/fake-camera-service.ts';
import type { FakeCameraService } from '../testing/fake-camera-service.ts';
import { runApi } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';

jest.setTimeout(60_000);

const snapshot = operationPath('readSnapshot', { id: 'a' });
const source = { url: 'rtsp://192.0.2.10:554/stream1', subUrl: 'rtsp://192.0.2.11/sub' };
const credentials = { username: 'viewer', password: 'canary-2290' };
const found = {
  ok: true,
  video: { codec: 'h264', profile: 'High', width: 640, height: 360, fps: 25, hasBFrames: false },
  audio: null,
  picture: null,
  advice: [],
  suggestedMode: 'copy',
};

const folder = mkdtempSync(join(tmpdir(), 'camplane-snapshots-'));
let service: FakeCameraService;
let api: RunningApi;

beforeAll(async () => {
  service = await startFakeCameraService();
  api = await runApi({
    dataDir: folder,
    cameraServiceUrl: service.url,
    limits: {
      snapshotMaxBytes: 100_000,
      snapshotTimeoutMs: 500,
      probeTimeoutMs: 500,
      probeAnswerMaxBytes: 10_000,
    },
  });
  await api.call('POST', operationPath('createCamera'), { id: 'a', source: { ...source, credentials } });
});

afterEach(() => {
  service.requests.length = 0;
});

afterAll(async () => {
  await api.stop();
  await service.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a snapshot', () => {
  it('is forwarded from camera-service and not cached', async () => {
    const jpeg = Buffer.concat([
      Buffer.from([0xff, 0xd8]),
      Buffer.alloc(90_000, 7),
      Buffer.from([0xff, 0xd9]),
    ]);
    service.answer((_request, response) =>
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpeg),
    );
    const response = await fetch(`${api.url}${snapshot}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(Buffer.from(await response.arrayBuffer()).equals(jpeg)).toBe(true);
    expect(service.requests).toEqual([{ method: 'GET', path: '/cameras/a/snapshot', body: '' }]);
  });

  it("forwards camera-service's problem", async () => {
    const problem = new CamplaneError('no-picture', 'The camera has not sent a picture yet').toProblem();
    service.answer((_request, response) =>
      response.writeHead(503, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem)),
    );
    const answer = await api.call('GET', snapshot);
    expect([answer.status, answer.body.code, answer.body.detail]).toEqual([
      503,
      'no-picture',
      problem.detail,
    ]);
  });

  it('is not requested for a camera that does not exist', async () => {
    expect((await api.call('GET', operationPath('readSnapshot', { id: 'nobody' }))).body.code).toBe(
      'camera-not-found',
    );
    expect(service.requests).toEqual([]);
  });

  it.each<[string, Parameters<FakeCameraService['answer']>[0]]>([
    [
      'a page',
      (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<script>'),
    ],
    ['no response', () => {}],
    ['an error without a problem', (_request, response) => response.writeHead(500).end('boom')],
    ['a redirect', (_request, response) => response.writeHead(302, { location: 'http://192.0.2.1/' }).end()],
    ['a truncated response', (_request, response) => response.destroy()],
    [
      'a content length above the limit',
      (_request, response) =>
        response
          .writeHead(200, { 'content-type': 'image/jpeg', 'content-length': '200000' })
          .end(Buffer.alloc(200_000)),
    ],
  ])('is 503 service-unavailable when camera-service sends %s', async (_what, respond) => {
    service.answer(respond);
    const answer = await api.call('GET', snapshot);
    expect([answer.status, answer.body.code]).toEqual([503, 'service-unavailable']);
  });

  it('is aborted when it exceeds the limit', async () => {
    service.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'image/jpeg' });
      for (let chunk = 0; chunk < 50; chunk++) response.write(Buffer.alloc(10_000));
      response.end();
    });
    const received = fetch(`${api.url}${snapshot}`).then((response) => response.arrayBuffer());
    await expect(received).rejects.toThrow();
    expect((await api.call('GET', '/healthz')).status).toBe(200);
  });
});

describe('a probe', () => {
  const probe = (body: unknown) => api.call('POST', operationPath('probeSource'), body);
  const forwarded = () => JSON.parse(service.requests[0]?.body ?? '{}') as unknown;

  it('is forwarded to camera-service and returns its result', async () => {
    service.answer((_request, response) => response.writeHead(200).end(JSON.stringify(found)));
    const answer = await probe({ url: 'rtsp://192.0.2.1/x', credentials });
    expect([answer.status, answer.body]).toMatchObject([200, found]);
    expect(forwarded()).toEqual({
      url: 'rtsp://192.0.2.1/x',
      transport: 'tcp',
      credentials,
      mode: 'copy',
      audio: false,
    });
  });

  it('passes on the requested mode and sound', async () => {
    service.answer((_request, response) => response.writeHead(200).end(JSON.stringify(found)));
    await probe({ url: source.url, mode: 'overlay', audio: true });
    expect(forwarded()).toMatchObject({ mode: 'overlay', audio: true });
    expect((await probe({ url: source.url, mode: 'fast' })).body.errors[0].path).toBe('mode');
  });

  it.each([
    ['rtsp://192.0.2.10:554/other', credentials],
    ['rtsp://192.0.2.10/other', credentials],
    ['rtsp://192.0.2.11/other', credentials],
    ['rtsp://192.0.2.99:554/stream1', null],
    ['rtsp://192.0.2.10:8554/stream1', null],
    ['rtsps://192.0.2.10:554/stream1', null],
    ['http://192.0.2.10:554/stream1', null],
  ])('of %s for a stored camera sends the credentials %j', async (url, expected) => {
    service.answer((_request, response) => response.writeHead(200).end(JSON.stringify(found)));
    await probe({ url, cameraId: 'a' });
    expect(forwarded()).toMatchObject({ url, credentials: expected });
  });

  it('uses no credentials for null, and its own if it has some', async () => {
    service.answer((_request, response) => response.writeHead(200).end(JSON.stringify(found)));
    await probe({ url: source.url, cameraId: 'a', credentials: null });
    expect(forwarded()).toMatchObject({ credentials: null });
    service.requests.length = 0;
    await probe({ url: source.url, cameraId: 'a', credentials: { username: 'u', password: 'p' } });
    expect(forwarded()).toMatchObject({ credentials: { username: 'u', password: 'p' } });
  });

  it('with an invalid URL or an unknown field is refused without a request', async () => {
    expect((await probe({ url: 'file:///etc/passwd' })).body.errors[0].path).toBe('url');
    expect((await probe({ url: source.url, args: '-i' })).body.errors[0].path).toBe('args');
    expect((await probe({ url: source.url, cameraId: 'nobody' })).body.code).toBe('camera-not-found');
    expect(service.requests).toEqual([]);
  });

  it.each<[string, Parameters<FakeCameraService['answer']>[0]]>([
    ['an invalid result', (_request, response) => response.end('{"ok": "maybe"}')],
    ['no response', () => {}],
    ['an oversized result', (_request, response) => response.end('x'.repeat(20_000))],
  ])('is 503 service-unavailable when camera-service sends %s', async (_what, respond) => {
    service.answer(respond);
    const answer = await probe({ url: source.url, credentials });
    expect([answer.status, answer.body.code]).toEqual([503, 'service-unavailable']);
    expect(api.logged()).not.toContain(credentials.password);
  });
});
