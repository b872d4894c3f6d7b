import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CamplaneError } from '@camplane/contracts/problem';
import { monotonicClock } from '@camplane/runtime/clock';
import express from 'express';
import { z } from 'zod';
import { createHealth } from './health.ts';
import { listen } from './http-server.ts';
import type { HttpServer } from './http-server.ts';
import { createMetrics } from './metrics.ts';
import { metricsGuard } from './metrics-access.ts';
import { operationalRoutes } from './operational-routes.ts';
import { createRefusals } from './refusals.ts';
import { jsonBody, methodNotAllowedHandler, notFoundHandler, problemHandler } from './problem-middleware.ts';

const logged: object[] = [];
const health = createHealth();
let server: HttpServer;

beforeAll(async () => {
  const app = express();
  const metrics = createMetrics('test', { processMetrics: false });
  const refusals = createRefusals({ log: { warn: () => undefined }, metrics, clock: monotonicClock });
  app.use(operationalRoutes({ health, metrics, guardMetrics: metricsGuard('127.0.0.1', {}, refusals) }));
  const bodySchema = z.strictObject({
    name: z.string('must be text'),
    source: z.strictObject({ url: z.string() }),
  });
  app
    .route('/echo')
    .post(
      ...jsonBody({ maxBytes: 200 }),
      (request, response) => void response.json(bodySchema.parse(request.body)),
    )
    .all(methodNotAllowedHandler('POST'));
  app.get('/cameras/:id', (request) => {
    throw new CamplaneError('camera-not-found', `There is no camera ${request.params.id}`);
  });
  app.get('/broken', () => {
    throw new Error('the password is hunter2', { cause: new Error('deeper') });
  });
  app.get('/rejects', async () => {
    throw new Error('rejected');
  });
  app.get('/half', (_request, response) => {
    response.write('half');
    throw new Error('too late');
  });
  app.use(notFoundHandler());
  app.use(problemHandler({ log: { error: (fields: object) => void logged.push(fields) } }));
  server = await listen(app, { host: '127.0.0.1', port: 0, portVariable: 'HTTP_PORT' });
});
afterAll(() => server.close());

async function post(body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/echo`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe('problem details', () => {
  it.each([
    ['malformed JSON', '{"name": "hunter2', {}, 400, 'malformed-json'],
    ['an empty body', '', {}, 400, 'invalid-body'],
    ['a bare number', '7', {}, 400, 'invalid-body'],
    ['a body that is too large', JSON.stringify({ name: 'x'.repeat(300) }), {}, 413, 'body-too-large'],
    ['another type', '{}', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported-media-type'],
    [
      'another charset',
      '{}',
      { 'content-type': 'application/json; charset=latin1' },
      415,
      'unsupported-media-type',
    ],
    ['an unknown encoding', '{}', { 'content-encoding': 'rot13' }, 415, 'unsupported-media-type'],
    ['a corrupt encoding', '{}', { 'content-encoding': 'gzip' }, 400, 'invalid-body'],
  ])('describe %s', async (_what, body, headers, status, code) => {
    const answer = await post(body, headers);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      status,
      code,
      type: `https://camplane.dev/problems/${code}`,
      instance: '/echo',
    });
    expect(JSON.stringify(answer.body)).not.toContain('hunter2');
  });

  it('reject a compressed body that exceeds the limit when decompressed', async () => {
    const answer = await post(gzipSync(JSON.stringify({ name: 'x'.repeat(100_000) })), {
      'content-encoding': 'gzip',
    });
    expect(answer.status).toBe(413);
  });

  it('list each invalid field with its path', async () => {
    const { body } = await post(JSON.stringify({ name: 1, source: { url: 'a', bogus: true } }));
    expect(body).toMatchObject({
      code: 'invalid-body',
      errors: expect.arrayContaining([
        { path: 'name', message: 'must be text' },
        { path: 'source.bogus', message: expect.stringContaining('not a known field') },
      ]),
    });
  });

  it('contain the status and detail of an error of a known kind', async () => {
    const response = await fetch(`${server.url}/cameras/attic?token=hunter2`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      code: 'camera-not-found',
      detail: 'There is no camera attic',
      instance: '/cameras/attic',
    });
  });

  it.each(['/broken', '/rejects'])('do not reveal an unknown error at %s, which is logged', async (path) => {
    logged.length = 0;
    const response = await fetch(`${server.url}${path}`);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ code: 'internal' });
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('.ts');
    expect(logged).toEqual([expect.objectContaining({ err: expect.any(Error), path })]);
  });

  it('close the connection if part of the response was sent', async () => {
    await expect(fetch(`${server.url}/half`).then((response) => response.text())).rejects.toThrow();
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  it('describe an unknown path, a wrong method and a malformed path', async () => {
    const unknown = await fetch(`${server.url}/nowhere`);
    expect([unknown.status, ((await unknown.json()) as { code: string }).code]).toEqual([404, 'not-found']);
    const method = await fetch(`${server.url}/echo`, { method: 'DELETE' });
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'POST']);
    const malformed = await fetch(`${server.url}/cameras/%E0%A4%A`);
    expect([malformed.status, ((await malformed.json()) as { code: string }).code]).toEqual([
      400,
      'invalid-query',
    ]);
  });
});

describe('operational routes', () => {
  it('report liveness independently of readiness', async () => {
    const remove = health.add({ name: 'media server', check: () => ({ ok: false, reason: 'is starting' }) });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const response = await fetch(`${server.url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      ready: false,
      checks: [{ name: 'media server', ok: false, reason: 'is starting' }],
    });
    remove();
    expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({ ready: true, checks: [] });
  });

  it('treat a check that throws as failed and mask URLs in its reason', async () => {
    const remove = health.add({
      name: 'store',
      check: () => {
        throw new Error('no answer from postgres://me:hunter2@db/');
      },
    });
    const text = await (await fetch(`${server.url}/readyz`)).text();
    expect(text).toContain('no answer from postgres://***@db/');
    remove();
  });

  it('return metrics in the Prometheus text format', async () => {
    const response = await fetch(`${server.url}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});
