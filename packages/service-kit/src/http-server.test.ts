import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { listen } from './http-server.ts';
import type { HttpServer, ListenOptions } from './http-server.ts';

const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(app: Parameters<typeof listen>[0], options: Partial<ListenOptions> = {}) {
  const server = await listen(app, { host: '127.0.0.1', port: 0, portVariable: 'HTTP_PORT', ...options });
  servers.push(server);
  return server;
}

/** A raw connection that sends `text`; `closed` resolves with everything received until the server closes it. */
function raw(port: number, text: string): { socket: Socket; closed: Promise<string> } {
  const socket = connect(port, '127.0.0.1', () => socket.write(text));
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString()));
  socket.on('error', () => undefined);
  return { socket, closed: new Promise((resolve) => socket.on('close', () => resolve(received))) };
}

const limits = { closeDeadlineMs: 100 };

describe('HTTP server', () => {
  it('serves on a free port and returns its URL', async () => {
    const server = await start(express().get('/', (_request, response) => void response.send('hello')));
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect(await (await fetch(server.url)).text()).toBe('hello');
  });

  it('names the variable to set if the port is taken', async () => {
    const { port } = await start(express());
    await expect(start(express(), { port })).rejects.toThrow(
      `port ${port} is taken by another program: stop it or set HTTP_PORT`,
    );
  });

  it('rejects a host that is not an address of this machine', async () => {
    await expect(start(express(), { host: '192.0.2.1' })).rejects.toThrow(
      /192\.0\.2\.1 is not an address of this/,
    );
  });

  it('lets a request in progress end on close, despite keep-alive', async () => {
    let answer = () => undefined as void;
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let finish = () => undefined as void;
    const app = express().get('/', (_request, response) => {
      answer();
      finish = () => void response.send('late');
    });
    const server = await start(app, { limits: { closeDeadlineMs: 5_000 } });
    const response = fetch(server.url);
    await asked;
    const closed = server.close();
    finish();
    expect(await (await response).text()).toBe('late');
    await closed;
  });

  it('aborts a request that never ends at the deadline', async () => {
    const app = express().get('/', (_request, response) => void response.write('…'));
    const server = await start(app, { limits });
    const { socket, closed } = raw(server.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    await server.close();
    expect(await closed).toContain('200 OK');
  });

  it('destroys upgraded connections on close', async () => {
    let upgraded = () => undefined as void;
    const ready = new Promise<void>((resolve) => (upgraded = resolve));
    const server = await start(express(), {
      limits,
      onUpgrade: (_request, socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
        upgraded();
      },
    });
    const { closed } = raw(
      server.port,
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    await ready;
    await server.close();
    expect(await closed).toContain('101 Switching Protocols');
  });

  it('survives a reset of an upgraded connection', async () => {
    let onClosed = () => undefined as void;
    const closedByClient = new Promise<void>((resolve) => (onClosed = resolve));
    const server = await start(
      express().get('/', (_request, response) => void response.send('alive')),
      {
        limits,
        onUpgrade: (_request, socket) => {
          socket.on('close', onClosed);
          socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
        },
      },
    );
    const { socket } = raw(
      server.port,
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    socket.once('data', () => socket.resetAndDestroy());
    await closedByClient;
    expect(await (await fetch(server.url)).text()).toBe('alive');
  });

  it('disconnects a client that sends its headers too slowly', async () => {
    const server = await start(express(), {
      limits: { ...limits, headersTimeoutMs: 50, requestTimeoutMs: 50 },
    });
    const { closed } = raw(server.port, 'GET / HTTP/1.1\r\nHost: a\r\n');
    expect(await closed).toContain('408 Request Timeout');
  });

  it('disconnects a client that sends its body too slowly', async () => {
    const app = express().post('/', (request, response) => {
      request.on('end', () => void response.send('complete')).resume();
    });
    const server = await start(app, { limits: { ...limits, headersTimeoutMs: 50, requestTimeoutMs: 100 } });
    const { closed } = raw(server.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx');
    expect(await closed).toContain('408 Request Timeout');
  });

  it('disconnects an idle client', async () => {
    const app = express().get('/', (_request, response) => void response.send('hello'));
    const server = await start(app, { limits: { ...limits, keepAliveTimeoutMs: 10 } });
    const { closed } = raw(server.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await closed).toMatch(/200 OK[^]*hello$/);
  });

  it('rejects too many headers', async () => {
    const app = express().get('/', (_request, response) => void response.send('hello'));
    const server = await start(app, { limits: { ...limits, maxHeadersCount: 5 } });
    const headers = Array.from({ length: 5 }, (_, index) => `X-${index}: 1\r\n`).join('');
    const { closed } = raw(server.port, `GET / HTTP/1.1\r\nHost: a\r\n${headers}\r\n`);
    expect(await closed).toContain('431 ');
  });

  it('rejects headers that are too large', async () => {
    const server = await start(express(), { limits: { ...limits, maxHeaderBytes: 1_000 } });
    const { closed } = raw(server.port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(2_000)}\r\n\r\n`);
    expect(await closed).toContain('431 ');
  });

  it('rejects connections above the limit', async () => {
    const app = express().get('/', (_request, response) => void response.write('…'));
    const server = await start(app, { limits: { ...limits, maxConnections: 1 } });
    const first = raw(server.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => first.socket.once('data', resolve));
    const second = raw(server.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await second.closed).toBe('');
    first.socket.destroy();
  });
});
