import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { apiRoot } from '@camplane/contracts/operation-parts';
import { operationPath } from '@camplane/contracts/operations';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createTrustedProxies } from '../access/trusted-proxies.ts';
import { unrestrictedAccess } from '../access/unrestricted-access.ts';
import { createOriginPolicy } from './origin-policy.ts';
import { upgradeRouter } from './upgrade-router.ts';
import type { UpgradeHandlers } from './upgrade-router.ts';

const events = operationPath('followEvents');
const accepted: unknown[] = [];
let server: Server;

beforeAll(async () => {
  server = createServer();
  const followEvents = ({
    query,
    principal,
    socket,
  }: {
    query: object;
    principal: object;
    socket: { end(text: string): void };
  }) => {
    accepted.push({ query, principal });
    socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  };
  const followJpeg = ({ id, query, principal, socket }: Parameters<UpgradeHandlers['followJpeg']>[0]) => {
    accepted.push({ id, query, principal });
    socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  };
  server.on(
    'upgrade',
    upgradeRouter(
      { followEvents, followJpeg, followCameras: () => {} },
      createOriginPolicy({ allowedOrigins: [], allowedHosts: [] }),
      {
        access: unrestrictedAccess({ audit: () => {} }),
        cameras: { identity: (id) => ({ id, labels: {} }), identities: () => [] },
        originOfDetection: () => Promise.resolve(undefined),
        proxies: createTrustedProxies([]),
        viewers: { ofQuery: () => ({ kind: 'unrestricted', name: 'ticket' }) },
      },
    ),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.close();
});

/** The response to a handshake, as text. */
async function handshake(path: string, { method = 'GET', headers = '' } = {}): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${headers}\r\n`,
  );
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

const jpeg = (id: string): string => operationPath('followJpeg', { id });

describe('a handshake', () => {
  it('reaches its handler with a validated query and a principal', async () => {
    expect(await handshake(`${events}?cameraId=a&cameraId=b`)).toMatch(/^HTTP\/1\.1 101 /);
    expect(await handshake(events)).toMatch(/^HTTP\/1\.1 101 /);
    const principal = { kind: 'unrestricted', name: 'owner' };
    expect(accepted.splice(0)).toEqual([
      { query: { cameraId: ['a', 'b'] }, principal },
      { query: {}, principal },
    ]);
  });

  it('reaches its handler with the camera of its path', async () => {
    expect(await handshake(`${jpeg('front-door')}?quality=low`)).toMatch(/^HTTP\/1\.1 101 /);
    const principal = { kind: 'unrestricted', name: 'owner' };
    expect(accepted.splice(0)).toEqual([{ id: 'front-door', query: { quality: 'low' }, principal }]);
  });

  it.each([
    ['an unknown path', `${apiRoot}/nothing`, {}, 404, 'not-found'],
    ['the path of an HTTP operation', operationPath('listCameras'), {}, 404, 'not-found'],
    ['the root', '/', {}, 404, 'not-found'],
    ['a malformed camera id', jpeg('Front_Door'), {}, 404, 'camera-not-found'],
    ['a camera of two parts', jpeg('a').replace('/a/', '/a/b/'), {}, 404, 'not-found'],
    ['an unknown quality', `${jpeg('a')}?quality=ultra`, {}, 400, 'invalid-query'],
    ['an invalid URL', '//[', {}, 404, 'not-found'],
    ['an unknown parameter', `${events}?camera=a`, {}, 400, 'invalid-query'],
    ['an invalid camera id', `${events}?cameraId=A`, {}, 400, 'invalid-query'],
    ['another method', events, { method: 'POST' }, 405, 'method-not-allowed'],
    ['another origin', events, { headers: 'Origin: http://evil.example\r\n' }, 403, 'cross-origin'],
  ])('to %s is refused with problem details', async (_what, path, options, status, code) => {
    const text = await handshake(path, options);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toContain('Content-Type: application/problem+json');
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({ status, code });
    expect(/\r\nAllow: GET\r\n/.test(text)).toBe(status === 405);
  });
});
