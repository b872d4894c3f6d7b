import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiRoot } from '@camplane/contracts/operation-parts';
import { operationPath, operations } from '@camplane/contracts/operations';
import { problemSchema } from '@camplane/contracts/problem';
import { runApi } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';

jest.setTimeout(60_000);

const cameras = operations.listCameras.path;
const events = operationPath('followEvents');
const camera = { id: 'a', source: { url: 'test:testsrc2' } };
const folder = mkdtempSync(join(tmpdir(), 'camplane-http-'));
const dashboardDir = join(folder, 'dashboard');
let api: RunningApi;

beforeAll(async () => {
  mkdirSync(join(dashboardDir, 'assets'), { recursive: true });
  writeFileSync(join(dashboardDir, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(dashboardDir, 'assets', 'index-abc123.js'), 'export {};');
  writeFileSync(join(dashboardDir, '.env'), 'SECRET=1');
  writeFileSync(join(folder, 'outside.txt'), 'outside');
  api = await runApi({
    dataDir: join(folder, 'data'),
    dashboardDir,
    allowedOrigins: ['https://cameras.example'],
    allowedHosts: ['camplane.internal'],
  });
});

afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Raw = { status: number; headers: IncomingHttpHeaders; text: string };

/** Sends path and headers as written; fetch would normalize them. */
async function raw(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<Raw> {
  const sent = request(api.url, { method, path, headers, agent: false });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

const json = { 'content-type': 'application/json' };

describe('refused requests', () => {
  it.each([
    ['GET', `${apiRoot}/nothing`, 404, 'not-found'],
    ['GET', events, 426, 'upgrade-required'],
    ['POST', events, 405, 'method-not-allowed'],
    ['GET', '/api/v2/cameras', 404, 'not-found'],
    ['GET', `${cameras}/unknown`, 404, 'camera-not-found'],
    ['GET', `${cameras}/Not%20An%20Id/status`, 404, 'camera-not-found'],
    ['GET', `${cameras}/..%2f..%2fetc/snapshot`, 404, 'camera-not-found'],
    ['GET', `${cameras}/%ff`, 400, 'invalid-query'],
    ['GET', `${cameras}?limit=5`, 400, 'invalid-query'],
    ['PATCH', cameras, 405, 'method-not-allowed'],
    ['DELETE', cameras, 405, 'method-not-allowed'],
    ['GET', `${cameras}/a/start`, 405, 'method-not-allowed'],
    ['POST', '/', 404, 'not-found'],
    ['POST', cameras, 400, 'invalid-body'],
  ])('%s %s answers %i %s as problem details', async (method, path, status, code) => {
    const answer = await raw(method, path);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(problemSchema.parse(JSON.parse(answer.text))).toMatchObject({ status, code });
    expect(answer.status).toBe(status);
  });

  it('name the allowed methods', async () => {
    expect((await raw('PATCH', cameras)).headers.allow).toBe('GET, POST');
    expect((await raw('DELETE', events)).headers.allow).toBe('GET');
  });

  it('for a WebSocket over plain HTTP name the protocol and the remedy', async () => {
    const { headers, text } = await raw('GET', events);
    expect(headers.upgrade).toBe('websocket');
    expect(JSON.parse(text).detail).toBe(
      `${events} is a WebSocket: connect with a WebSocket client, for example new WebSocket('ws://HOST${events}')`,
    );
  });

  it.each([
    ['no JSON', json, '{"id":', 400, 'malformed-json'],
    ['a form', { 'content-type': 'text/plain' }, JSON.stringify(camera), 415, 'unsupported-media-type'],
    ['no content type', {}, JSON.stringify(camera), 415, 'unsupported-media-type'],
    [
      'another charset',
      { 'content-type': 'application/json; charset=iso-8859-1' },
      '{}',
      415,
      'unsupported-media-type',
    ],
    ['more than 64 KiB', json, JSON.stringify({ id: 'x'.repeat(66_000) }), 413, 'body-too-large'],
    ['65,000 nested arrays', json, '['.repeat(32_000) + ']'.repeat(32_000), 400, 'invalid-body'],
  ])('a body that is %s', async (_what, headers, body, status, code) => {
    const answer = await raw('POST', cameras, headers, body);
    expect([answer.status, (JSON.parse(answer.text) as { code: string }).code]).toEqual([status, code]);
  });

  it('name the fields of a body that is not allowed', async () => {
    await api.call('POST', cameras, { ...camera, id: 'started' });
    const refused = await api.call('POST', `${cameras}/started/start`, { force: true });
    expect(refused.body.errors[0].path).toBe('force');
  });

  it.each([
    [{ origin: 'http://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: 'http://127.0.0.1:1' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ host: 'rebound.example' }],
    [{ host: 'localhost.rebound.example' }],
    [{ host: 'rebound.example', origin: 'http://rebound.example' }],
  ])('a change asked for with %j', async (headers: Record<string, string>) => {
    const answer = await raw(
      'POST',
      cameras,
      { ...json, ...headers },
      JSON.stringify({ ...camera, id: 'x' }),
    );
    expect([answer.status, (JSON.parse(answer.text) as { code: string }).code]).toEqual([
      403,
      'cross-origin',
    ]);
    expect((await api.call('GET', `${cameras}/x`)).status).toBe(404);
  });

  it('include reads under an unknown host name, but not health checks', async () => {
    expect((await raw('GET', cameras, { host: 'rebound.example' })).status).toBe(403);
    expect((await raw('GET', '/healthz', { host: 'rebound.example' })).status).toBe(200);
  });

  it('above a rate limit have Retry-After', async () => {
    const limits = { writesPerMinute: 2, probesPerMinute: 1, loginsPerMinute: 1 };
    const limited = await runApi({ dataDir: join(folder, 'limited'), limits });
    const probe = operations.probeSource.path;
    const login = operations.createSession.path;
    try {
      await limited.call('POST', cameras, camera);
      await limited.call('DELETE', `${cameras}/a`);
      await limited.call('POST', probe, {});
      await limited.call('POST', login, {});
      for (const path of [cameras, probe, login]) {
        const refused = await limited.call('POST', path, camera);
        expect([path, refused.status, refused.body.code]).toEqual([path, 429, 'too-many-requests']);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      expect((await limited.call('GET', cameras)).status).toBe(200);
    } finally {
      await limited.stop();
    }
  });
});

describe('accepted requests', () => {
  it.each([
    [{}],
    [{ host: 'localhost' }],
    [{ host: '[::1]:8080' }],
    [{ host: '192.0.2.7:8080', origin: 'http://192.0.2.7:8080' }],
    [{ host: 'camplane.internal', origin: 'https://camplane.internal' }],
    [{ origin: 'https://cameras.example' }],
  ])('a change with %j', async (headers: Record<string, string>) => {
    const id = `taken-${Math.random().toString(36).slice(2)}`;
    const answer = await raw('POST', cameras, { ...json, ...headers }, JSON.stringify({ ...camera, id }));
    expect(answer.status).toBe(201);
  });

  it('include info and the OpenAPI document', async () => {
    const info = await api.call('GET', operationPath('readInfo'));
    expect(info.body).toMatchObject({ name: 'camplane', limits: { bodyMaxBytes: 65_536 } });
    expect((await api.call('GET', operationPath('readOpenApi'))).body.openapi).toBe('3.1.0');
  });

  it('are measured by route pattern', async () => {
    await api.call('GET', `${cameras}/unknown/status`);
    const { body } = await api.call('GET', '/metrics');
    expect(body).toMatch(
      /camplane_http_request_duration_seconds_count\{.*route="\/api\/v1\/cameras\/:id\/status".*status="404"/,
    );
    expect(body).not.toContain('unknown');
  });

  it('ignore an upgrade to HTTP/2, which curl offers', async () => {
    const h2c = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': '' };
    expect((await raw('GET', cameras, h2c)).status).toBe(200);
    expect((await raw('GET', events, h2c)).status).toBe(426);
  });

  it('are answered while slow clients hold connections open', async () => {
    const slow = Array.from({ length: 50 }, () => connect(Number(new URL(api.url).port), '127.0.0.1'));
    for (const socket of slow)
      socket.on('error', () => {}).write('GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow:');
    try {
      expect((await api.call('GET', cameras)).status).toBe(200);
    } finally {
      for (const socket of slow) socket.destroy();
    }
  });
});

describe('the dashboard', () => {
  it('is served with a content security policy that allows media only', async () => {
    const page = await raw('GET', '/', { accept: 'text/html' });
    expect(page.text).toContain('<title>page</title>');
    const policy = page.headers['content-security-policy'];
    expect(policy).toContain("default-src 'none';");
    expect(policy).toContain("script-src 'self';");
    expect(page.headers['permissions-policy']).toContain('camera=()');
    expect(policy).toContain("media-src 'self' blob: http://127.0.0.1:8888");
    expect(policy).toContain("connect-src 'self' http://127.0.0.1:8888");
    expect(page.headers['cache-control']).toBe('no-cache');
  });

  it('serves its page for its routes', async () => {
    const page = await raw('GET', '/cameras/front-door', { accept: 'text/html' });
    expect([page.status, page.text]).toEqual([200, '<!doctype html><title>page</title>']);
  });

  it('caches hashed assets forever, and answers 404 for missing ones', async () => {
    const asset = await raw('GET', '/assets/index-abc123.js');
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await raw('GET', '/assets/index-old.js', { accept: 'text/html' })).status).toBe(404);
  });

  it.each([
    '/../outside.txt',
    '/%2e%2e/outside.txt',
    '/..%2foutside.txt',
    '/assets/..%2f..%2foutside.txt',
    '/.env',
  ])('does not serve %s', async (path) => {
    const answer = await raw('GET', path, { accept: 'text/html' });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toMatch(/outside$|SECRET/);
  });

  it('explains how to build it if it is missing', async () => {
    const bare = await runApi({ dataDir: join(folder, 'bare') });
    try {
      const { status, body } = await bare.call('GET', '/', undefined, { accept: 'text/html' });
      expect(status).toBe(200);
      expect(body).toContain('pnpm --filter @camplane/dashboard build');
    } finally {
      await bare.stop();
    }
  });
});
