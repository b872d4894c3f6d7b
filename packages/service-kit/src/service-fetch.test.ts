import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServiceFetch } from './service-fetch.ts';

const sent: string[] = [];
let accepted: string | null;
const server = createServer((request, response) => {
  const { authorization = '' } = request.headers;
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    sent.push(`${request.method} ${authorization} ${body}`.trim());
    const isAccepted = accepted === null || authorization === `Bearer ${accepted}`;
    response.writeHead(request.url === '/moved' ? 302 : isAccepted ? 200 : 401, { location: '/' }).end('ok');
  });
});
let url: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  accepted = 'own';
  sent.length = 0;
});
afterAll(() => void server.close());

describe('a call of another service', () => {
  it('sends its password, and no other if that is accepted', async () => {
    expect((await createServiceFetch(['own', 'before'])(url)).status).toBe(200);
    expect(sent).toEqual(['GET Bearer own']);
  });

  it('sends the previous password, with the same body, where its own is refused', async () => {
    accepted = 'before';
    const init = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' };
    const response = await createServiceFetch(['own', 'before'])(url, init);
    expect([response.status, await response.text()]).toEqual([200, 'ok']);
    expect(sent).toEqual(['POST Bearer own x', 'POST Bearer before x']);
  });

  it('returns the refusal if no password is accepted', async () => {
    accepted = 'other';
    expect((await createServiceFetch(['own', 'before'])(url)).status).toBe(401);
    expect(sent).toHaveLength(2);
  });

  it('sends no header without a password', async () => {
    accepted = null;
    expect((await createServiceFetch([])(url)).status).toBe(200);
    expect(sent).toEqual(['GET']);
  });

  it('follows no redirect', async () => {
    await expect(createServiceFetch(['own'])(`${url}/moved`)).rejects.toThrow();
    expect(sent).toHaveLength(1);
  });
});
