import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { waitUntil } from '@camplane/testkit/wait-until';
import { WebSocket, WebSocketServer } from 'ws';
import { relaySockets } from './relay-sockets.ts';

/** Accepts both ends: viewers at `/viewer`, and connections to stream-proxy at other paths. */
let server: WebSocketServer;
const accepted = new Map<string, WebSocket>();

beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false });
  server.on('connection', (socket, { url = '' }) => accepted.set(url, socket));
  await once(server, 'listening');
});

afterEach(() => {
  for (const socket of accepted.values()) socket.terminate();
  accepted.clear();
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

/** A connection to `path`: the end of the client, and that of the server. */
async function connect(path: string, options = {}): Promise<{ client: WebSocket; peer: WebSocket }> {
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
  await once(client, 'open');
  const peer = await waitUntil(
    () => accepted.get(path),
    (socket) => socket !== undefined,
    { what: path },
  );
  if (!peer) throw new Error(`${path} is not connected`);
  return { client, peer };
}

async function setUp() {
  const { client: viewer, peer } = await connect('/viewer', { autoPong: false });
  const received: string[] = [];
  viewer.on('message', (data, isBinary) => received.push(isBinary ? 'picture' : (data as Buffer).toString()));
  viewer.on('ping', (data) => received.push(`ping ${data.toString()}`));
  const qualities: unknown[] = [];
  const refusals: unknown[] = [];
  const replicas: (WebSocket | Error)[] = [];
  const open = async (path: string): Promise<WebSocket> => {
    const { client, peer: replica } = await connect(path, { autoPong: false });
    client.pause();
    replicas.push(replica);
    return client;
  };
  const next = { fails: false };
  relaySockets(peer, await open('/first'), {
    connect(quality) {
      qualities.push(quality);
      return next.fails ? Promise.reject(new Error('no replica')) : open('/second');
    },
    refuse(error) {
      refusals.push(error);
      peer.close(1013);
    },
  });
  const replica = async (index: number): Promise<WebSocket> => {
    await waitUntil(
      () => replicas.length,
      (count) => count > index,
      { what: `connection ${index}` },
    );
    return replicas[index] as WebSocket;
  };
  const until = (text: string) =>
    waitUntil(
      () => received,
      (all) => all.includes(text),
      { what: text },
    );
  return { viewer, qualities, refusals, replica, until, next };
}

const info = JSON.stringify({
  ...{ type: 'info', quality: 'high', state: 'live', reason: null, message: null, picture: null },
});

describe('the relay between a viewer and stream-proxy', () => {
  it.each([
    ['is lost', (socket: WebSocket) => socket.terminate()],
    ['stops', (socket: WebSocket) => socket.close(1001, 'the server is stopping')],
  ])('continues at another replica with the same quality when the first one %s', async (_how, end) => {
    const { viewer, qualities, replica, until } = await setUp();
    const first = await replica(0);
    first.send(info);
    first.send(Buffer.from('jpeg'), { binary: true });
    first.ping('1');
    await until('ping 1:1');
    end(first);
    const second = await replica(1);
    expect(qualities).toEqual(['high']);
    second.ping('1');
    await until('ping 2:1');
    const pongs: string[] = [];
    second.on('pong', (data) => pongs.push(data.toString()));
    // The first one is for a picture of the lost replica.
    for (const text of ['1:1', '2:1', '2:alive']) viewer.pong(text);
    viewer.send('{"type":"ping"}');
    const [message] = (await once(second, 'message')) as [Buffer];
    expect([message.toString(), pongs]).toEqual(['{"type":"ping"}', ['1', 'alive']]);
  });

  it('passes other close codes to the viewer', async () => {
    const { viewer, qualities, replica } = await setUp();
    (await replica(0)).close(1008, 'too many messages');
    const [code, reason] = (await once(viewer, 'close')) as [number, Buffer];
    expect([code, reason.toString(), qualities]).toEqual([1008, 'too many messages', []]);
  });

  it('refuses a viewer whose replica is lost if there is no other one', async () => {
    const { viewer, refusals, replica, next } = await setUp();
    next.fails = true;
    (await replica(0)).terminate();
    const [code] = (await once(viewer, 'close')) as [number];
    expect([code, refusals]).toEqual([1013, [new Error('no replica')]]);
  });

  it('disconnects from the replica when the viewer is lost', async () => {
    const { viewer, qualities, replica } = await setUp();
    viewer.terminate();
    await once(await replica(0), 'close');
    expect(qualities).toEqual([]);
  });
});
