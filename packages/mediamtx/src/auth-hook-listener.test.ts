import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { listen } from '@camplane/service-kit/http-server';
import type { HttpServer } from '@camplane/service-kit/http-server';
import { withAuthHook } from './auth-hook-listener.ts';
import type { AdmittedReader } from './auth-hook-listener.ts';
import { openGate } from './reader-gate.ts';

const readers: AdmittedReader[] = [];
const warnings: string[] = [];
const refused: string[] = [];
const password = 'p'.repeat(32);
const reader = {
  ...{ user: '', password: '', token: '', ip: '192.0.2.1', action: 'read', path: 'door', protocol: 'hls' },
  ...{ id: 'a', query: '', userAgent: 'player' },
};

let server: HttpServer;
beforeAll(async () => {
  const rules = {
    isKnownPath: (path: string) => path === 'door',
    apiCredentials: null,
    passes: { accepts: () => false },
    gate: openGate,
  };
  const log = { debug: () => undefined, warn: (message: string) => void warnings.push(message) };
  const app = withAuthHook(
    {
      rules,
      callers: { password },
      refusals: { count: (endpoint) => void refused.push(endpoint) },
      onReader: (each) => void readers.push(each),
      log,
    },
    (_request, response) => response.writeHead(418).end(),
  );
  server = await listen(app, { host: '127.0.0.1', port: 0, portVariable: 'PORT' });
});
beforeEach(() => {
  readers.length = 0;
  warnings.length = 0;
  refused.length = 0;
});
afterAll(() => server.close());

const loginOf = (user: string, secret: string) =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;

async function post(
  body: string,
  contentType = 'application/json',
  authorization: string | null = loginOf('mediamtx', password),
): Promise<number> {
  const headers = { 'content-type': contentType, ...(authorization === null ? {} : { authorization }) };
  return (await fetch(`${server.url}/mediamtx/auth`, { method: 'POST', headers, body })).status;
}

describe('the listener of the auth hook', () => {
  it('admits with 204 and reports the reader, refuses with 401', async () => {
    expect(await post(JSON.stringify(reader))).toBe(204);
    expect(readers).toEqual([{ path: 'door', id: 'a', protocol: 'hls', isOwn: false }]);
    expect(await post(JSON.stringify({ ...reader, path: 'yard' }))).toBe(401);
    expect(readers).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  it.each([
    null,
    '',
    loginOf('mediamtx', 'wrong'),
    loginOf('camplane', password),
    loginOf('mediamtx', `${password}x`),
    `Bearer ${password}`,
  ])('refuses a caller with the authorization %j and counts it', async (authorization) => {
    expect(await post(JSON.stringify(reader), 'application/json', authorization)).toBe(401);
    expect([readers, warnings, refused]).toEqual([[], [], ['media-hook']]);
  });

  it.each([
    ['no JSON', '{', 400],
    ['another form', '{"user":"amy"}', 400],
    ['nothing', '', 400],
    ['too much', JSON.stringify({ ...reader, query: 'q'.repeat(16_384) }), 413],
  ])('refuses %s', async (_what, body, status) => {
    expect(await post(body)).toBe(status);
    expect(readers).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  it('refuses what a web page of another origin can send', async () => {
    expect(await post(JSON.stringify(reader), 'text/plain')).toBe(400);
    expect(readers).toEqual([]);
  });

  it('leaves other requests to the rest of the server', async () => {
    expect((await fetch(`${server.url}/mediamtx/auth`)).status).toBe(418);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(418);
  });
});
