import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationPath } from '@camplane/contracts/operations';
import { eventsUrl } from '@camplane/api-client/operation-url';
import { createCameraSchema } from '@camplane/contracts/camera-http';
import { serverEventSchema } from '@camplane/contracts/events';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { eventually, runApi } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';
import { statusOf } from '../testing/status-of.ts';

jest.setTimeout(60_000);

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Message = any;
type Follower = { socket: WebSocket; messages: Message[]; closed: Promise<{ code: number; reason: string }> };

const folder = mkdtempSync(join(tmpdir(), 'camplane-events-'));
const sockets: WebSocket[] = [];
let api: RunningApi;

beforeAll(async () => {
  api = await runApi({
    dataDir: folder,
    allowedOrigins: ['https://cameras.example'],
    limits: { eventPingIntervalMs: 250, eventBacklogMaxBytes: 64 * 1024, eventClientsMax: 4 },
  });
  for (const id of ['a', 'b']) {
    await api.call('POST', operationPath('createCamera'), { id, source: { url: 'test:testsrc2' } });
  }
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await eventually(async () => expect(await gauge('camplane_event_clients')).toBe(0));
});

afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

function open(query = '', options: { origin?: string; host?: string } = {}): WebSocket {
  const { origin, host } = options;
  const socket = new WebSocket(`${eventsUrl(api.url)}${query}`, {
    ...(origin === undefined ? {} : { origin }),
    ...(host === undefined ? {} : { headers: { host } }),
  });
  socket.on('error', () => {}); // Refusals and closed sockets are checked elsewhere.
  sockets.push(socket);
  return socket;
}

async function follow(query = '', options: { origin?: string } = {}): Promise<Follower> {
  const socket = open(query, options);
  const messages: Message[] = [];
  // Every message must match the contract.
  socket.on('message', (data: Buffer) => messages.push(serverEventSchema.parse(JSON.parse(data.toString()))));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await once(socket, 'open');
  return { socket, messages, closed };
}

async function refusal(socket: WebSocket): Promise<{ status: number; code: string }> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, code: (JSON.parse(text) as { code: string }).code };
}

async function gauge(name: string, label = ''): Promise<number> {
  const text = await api.metrics.registry.metrics();
  const line = text.split('\n').find((each) => each.startsWith(name) && each.includes(label));
  return Number(line?.split(' ').at(-1) ?? 0);
}

const typesOf = (messages: Message[]) => messages.map((message) => String(message.type));
const kinds = (messages: Message[]) => messages.map((message) => `${message.type} ${message.cameraId}`);

describe('events over WebSocket', () => {
  it('start with the status of every camera, followed by changes and heartbeats', async () => {
    const { messages } = await follow();
    await eventually(() => expect(kinds(messages)).toEqual(['stream:status a', 'stream:status b']));
    await api.publish(statusOf('a'));
    await eventually(() => expect(messages).toHaveLength(3));
    await api.publish(statusOf('a', { uptimeSeconds: 9 }));
    await eventually(() => expect(messages).toHaveLength(4));
    await api.publish(statusOf('a', { phase: 'ERROR', reason: 'Stalled' }));
    await eventually(() => expect(messages).toHaveLength(5));
    expect(kinds(messages).slice(2)).toEqual(['stream:status a', 'stream:heartbeat a', 'stream:status a']);
    expect(messages[4].status.reason).toBe('Stalled');
  });

  it('report created and deleted cameras', async () => {
    const { messages } = await follow('?cameraId=new');
    await api.call('POST', operationPath('createCamera'), { id: 'new', source: { url: 'test:testsrc2' } });
    await api.call('DELETE', operationPath('deleteCamera', { id: 'new' }));
    await eventually(() => expect(kinds(messages).at(-1)).toBe('stream:removed new'));
    expect(kinds(messages)[0]).toBe('stream:status new');
  });

  it('are filtered by the query and by a subscription', async () => {
    const { socket, messages } = await follow('?cameraId=b');
    await eventually(() => expect(kinds(messages)).toEqual(['stream:status b']));
    socket.send(JSON.stringify({ type: 'subscribe', cameraIds: ['a'] }));
    await eventually(() => expect(typesOf(messages.slice(1))).toEqual(['subscribed', 'stream:status']));
    await api.publish(statusOf('b', { viewerCount: 7 }));
    await api.publish(statusOf('a', { viewerCount: 7 }));
    await eventually(() => expect(messages.at(-1).status.viewerCount).toBe(7));
    expect(messages.slice(2).every((message: Message) => message.cameraId === 'a')).toBe(true);
  });

  it('answer a ping message, and send protocol pings', async () => {
    const { socket, messages } = await follow('?cameraId=none');
    const pinged = once(socket, 'ping');
    socket.send('{"type":"ping"}');
    await eventually(() => expect(typesOf(messages)).toEqual(['pong']));
    await pinged;
  });

  it('answer protocol pings up to the rate limit', async () => {
    const { socket, closed } = await follow('?cameraId=none');
    const ponged = once(socket, 'pong');
    socket.ping('x');
    expect(String((await ponged)[0])).toBe('x');
    for (let index = 0; index < 100; index++) socket.ping();
    expect((await closed).code).toBe(1008);
  });

  it('start with hundreds of statuses without disconnecting the client as slow', async () => {
    const dataDir = join(folder, 'many');
    const many = await runApi({ dataDir, limits: { eventBacklogMaxBytes: 8192, writesPerMinute: 10_000 } });
    try {
      for (let index = 0; index < 100; index++) {
        await many.api.registry.create(
          createCameraSchema.parse({ id: `camera-${index}`, source: { url: 'test:testsrc2' } }),
        );
      }
      const socket = new WebSocket(eventsUrl(many.url));
      sockets.push(socket);
      const received = new Set<string>();
      socket.on('message', (data: Buffer) =>
        received.add((JSON.parse(data.toString()) as { cameraId: string }).cameraId),
      );
      await eventually(() => expect(received.size).toBe(100));
      expect(socket.readyState).toBe(WebSocket.OPEN);
    } finally {
      await many.stop();
    }
  });

  it('disconnect a client that does not answer pings', async () => {
    const before = await gauge('camplane_event_clients_dropped_total', 'dead');
    const { socket, closed } = await follow();
    // Like a client whose machine has lost its network.
    (socket as unknown as { _socket: Socket })._socket.pause();
    await eventually(async () =>
      expect(await gauge('camplane_event_clients_dropped_total', 'dead')).toBe(before + 1),
    );
    socket.terminate();
    await closed;
  });

  it('disconnect only the client that reads too slowly', async () => {
    const slow = connect(Number(new URL(api.url).port), '127.0.0.1');
    slow.write(
      `GET ${operationPath('followEvents')} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    slow.on('error', () => {});
    slow.pause();
    // It stops reading, but sends pongs so that it does not count as dead.
    const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
    const ponging = setInterval(() => slow.write(pong), 100);
    const { messages, socket } = await follow('?cameraId=a');
    await eventually(async () => expect(await gauge('camplane_event_clients')).toBe(2));
    const before = await gauge('camplane_event_clients_dropped_total', 'too-slow');
    // About 16 KB each: the kernel's buffers hold megabytes before a writer notices.
    const condition = { type: 'Ready', status: 'True', reason: 'x', message: 'x'.repeat(1000) } as const;
    const times = { lastTransitionTime: new Date().toISOString(), observedGeneration: 1 };
    const conditions = Array.from({ length: 16 }, () => ({ ...condition, ...times }));
    try {
      await eventually(async () => {
        for (let index = 0; index < 100; index++) {
          await api.publish(statusOf('a', { conditions, restarts: index }));
          // One turn each, so that the bus delivers every one of them.
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(await gauge('camplane_event_clients_dropped_total', 'too-slow')).toBe(before + 1);
      }, 40_000);
    } finally {
      clearInterval(ponging);
      slow.destroy();
    }
    expect(socket.readyState).toBe(WebSocket.OPEN);
    await api.publish(statusOf('a', { restarts: 123_456 }));
    await eventually(() => expect(messages.at(-1).status.restarts).toBe(123_456));
  });

  it.each([
    ['not json', 'The message is not JSON'],
    ['{"type":"shout"}', 'type'],
    ['{"type":"ping","loud":true}', 'loud'],
    ['{"type":"subscribe","cameraIds":["A B"]}', 'cameraIds.0'],
    ['{"type":"subscribe"}', 'cameraIds'],
    ['[]', '(message)'],
    [Buffer.from([1, 2, 3]), 'binary'],
  ])('answer the bad message %p with an error that names what is wrong', async (message, named) => {
    const { socket, messages } = await follow('?cameraId=none');
    socket.send(message);
    await eventually(() => expect(messages).toHaveLength(1));
    expect(messages[0]).toMatchObject({ type: 'error', code: 'invalid-message' });
    expect(messages[0].message).toContain(named);
    socket.send('{"type":"ping"}');
    await eventually(() => expect(messages.at(-1).type).toBe('pong'));
  });

  it('end after three invalid messages', async () => {
    const { socket, closed, messages } = await follow('?cameraId=none');
    for (let index = 0; index < 3; index++) socket.send('{}');
    expect(await closed).toEqual({ code: 1008, reason: 'three invalid messages' });
    expect(messages).toHaveLength(3);
  });

  it('end after a message that is too large, and after too many messages', async () => {
    const large = await follow('?cameraId=none');
    large.socket.send(JSON.stringify({ type: 'ping', padding: 'x'.repeat(17 * 1024) }));
    expect((await large.closed).code).toBe(1009);
    const many = await follow('?cameraId=none');
    for (let index = 0; index < 100; index++) many.socket.send('{"type":"ping"}');
    expect(await many.closed).toEqual({ code: 1008, reason: 'too many messages' });
  });

  it.each(['http://evil.example', 'null', 'http://127.0.0.1:1', 'https://cameras.example.evil.example'])(
    'are refused to a page of the origin %s',
    async (origin) => {
      expect(await refusal(open('', { origin }))).toEqual({ status: 403, code: 'cross-origin' });
    },
  );

  it('are refused under an unknown host name', async () => {
    expect(await refusal(open('', { host: 'rebound.example' }))).toEqual({
      status: 403,
      code: 'cross-origin',
    });
  });

  it('are sent to the own page and to allowed origins', async () => {
    for (const origin of [api.url, 'https://cameras.example']) {
      const { messages } = await follow('', { origin });
      await eventually(() => expect(messages).toHaveLength(2));
    }
  });

  it('are refused for an unknown parameter, an invalid id, and one client too many', async () => {
    expect(await refusal(open('?camera=a'))).toEqual({ status: 400, code: 'invalid-query' });
    expect(await refusal(open('?cameraId=A%20B'))).toEqual({ status: 400, code: 'invalid-query' });
    for (let index = 0; index < 4; index++) await follow();
    expect(await refusal(open())).toEqual({ status: 429, code: 'too-many-requests' });
  });

  it('end with 1001 when the server stops', async () => {
    const dataDir = join(folder, 'stopping');
    const stopping = await runApi({ dataDir });
    const socket = new WebSocket(eventsUrl(stopping.url));
    await once(socket, 'open');
    const closed = once(socket, 'close');
    await stopping.stop();
    expect((await closed)[0]).toBe(1001);
  });
});
