import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CamplaneError } from '@camplane/contracts/problem';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import { eventsUrl, operationUrl } from './operation-url.ts';
import { sendOperation } from './send-operation.ts';

type Seen = { method: string; url: string; body: string; headers: IncomingMessage['headers'] };

const seen: Seen[] = [];
let respond: (response: ServerResponse) => void;
let baseUrl: string;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += String(chunk)));
  request.on('end', () => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', body, headers: request.headers });
    respond(response);
  });
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen.length = 0;
});

const json =
  (status: number, body: unknown) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

describe('the client', () => {
  it('sends path parameters, query and body, and parses the answer', async () => {
    const api = createApiClient({ baseUrl, headers: { 'x-test': 'yes' } });
    respond = json(200, { items: [], nextCursor: null });
    const page = await api.listDetections({ query: { cameraId: ['a', 'b'], limit: 5, firstOfTrack: true } });
    expect(page).toEqual({ items: [], nextCursor: null });
    respond = json(200, { ok: false, reason: 'NotFound', message: 'no such path' });
    expect(await api.probeSource({ body: { url: 'rtsp://192.0.2.1/' } })).toMatchObject({ ok: false });
    respond = (response) => response.writeHead(204).end();
    expect(await api.deleteCamera({ id: 'front-door' })).toBeUndefined();
    expect(seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['GET', '/api/v1/detections?cameraId=a&cameraId=b&limit=5&firstOfTrack=true', ''],
      ['POST', '/api/v1/probe', '{"url":"rtsp://192.0.2.1/"}'],
      ['DELETE', '/api/v1/cameras/front-door', ''],
    ]);
    expect(seen[0]?.headers['x-test']).toBe('yes');
  });

  it('returns the bytes of an image', async () => {
    respond = (response) =>
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(Buffer.from([0xff, 0xd8]));
    const image = await createApiClient({ baseUrl }).readSnapshot({ id: 'a' });
    expect(image).toEqual(new Uint8Array([0xff, 0xd8]));
  });

  it('throws the problem that the server reports', async () => {
    const problem = new CamplaneError('camera-not-found', 'No camera a').toProblem();
    respond = json(404, problem);
    await expect(createApiClient({ baseUrl }).readCamera({ id: 'a' })).rejects.toMatchObject({
      name: 'ApiError',
      code: 'camera-not-found',
      status: 404,
      retryable: false,
    });
    expect(await sendOperation({ baseUrl }, 'readCamera', { id: 'a' })).toMatchObject({
      status: 404,
      body: problem,
    });
  });

  it('sends the headers of a call, and reports those of its answer', async () => {
    let etag: string | null = null;
    respond = (response) => response.writeHead(204, { etag: '"2"' }).end();
    const api = createApiClient({ baseUrl });
    const onHeaders = (headers: Headers) => (etag = headers.get('etag'));
    await api.deleteCamera({ id: 'a' }, { headers: { 'if-match': '"1"' }, onHeaders });
    expect([seen[0]?.headers['if-match'], etag]).toEqual(['"1"', '"2"']);
  });

  it('refuses an answer that does not match its schema', async () => {
    respond = json(200, { items: 'none' });
    await expect(createApiClient({ baseUrl }).listCameras()).rejects.toMatchObject({ code: 'bad-answer' });
    respond = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    await expect(createApiClient({ baseUrl }).readSnapshot({ id: 'a' })).rejects.toMatchObject({
      code: 'bad-answer',
      retryable: false,
    });
  });

  it('reports an unreachable server and a timeout as retryable', async () => {
    const unreachable = createApiClient({ baseUrl: 'http://127.0.0.1:1' });
    await expect(unreachable.listCameras()).rejects.toMatchObject({ code: 'unreachable', retryable: true });
    respond = () => {};
    const call = createApiClient({ baseUrl }).listCameras({}, { timeoutMs: 50 });
    await expect(call).rejects.toMatchObject({ code: 'timed-out', retryable: true });
  });

  it('throws the reason of an aborted signal', async () => {
    const reason = new Error('the page was closed');
    const call = createApiClient({ baseUrl }).listCameras({}, { signal: AbortSignal.abort(reason) });
    await expect(call).rejects.toBe(reason);
  });

  it('calls the given fetch', async () => {
    const fetch = () => Promise.resolve(Response.json({ items: [] }));
    expect(await createApiClient({ baseUrl: '', fetch }).listCameras()).toEqual({ items: [] });
    expect(seen).toEqual([]);
  });
});

describe('URLs', () => {
  it('are built from the operations table', () => {
    expect(operationUrl('', 'readSnapshot', { id: 'a' })).toBe('/api/v1/cameras/a/snapshot');
    expect(eventsUrl('https://cameras.example/')).toBe('wss://cameras.example/api/v1/events');
    expect(eventsUrl('http://[::1]:8080', { cameraId: ['a'] })).toBe(
      'ws://[::1]:8080/api/v1/events?cameraId=a',
    );
  });
});

describe('ApiError', () => {
  it('is retryable unless stated otherwise', () => {
    expect(new ApiError('x', { code: 'unreachable' }).retryable).toBe(true);
  });
});
