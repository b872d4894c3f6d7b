import type { PermissionName } from '@camplane/contracts/access';
import { operationPath, operations } from '@camplane/contracts/operations';
import { detectionsTopic } from '@camplane/contracts/topics';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { eventually } from '../running-api.ts';
import type { RunningApi } from '../running-api.ts';
import { statusOf } from '../status-of.ts';
import { forEachAtOnce } from './http-client.ts';
import { may } from './oracle.ts';
import type { Caller, MatrixCamera } from './oracle.ts';
import { allCameras, cameras, detectionOf, expectStatus } from './world.ts';

const connectingAtOnce = 20;

/** Added and removed while the clients are connected. */
const passing: MatrixCamera = { id: 'cam-pass0', labels: { site: 'north' }, isRegistered: true };
const registered = [...allCameras.filter(({ isRegistered }) => isRegistered), passing];

/** Which cameras have a message of each type, and the permission that it needs. */
const messages: Record<string, { permission: PermissionName; of: readonly MatrixCamera[] }> = {
  'stream:status': { permission: 'camera.view', of: registered },
  'stream:heartbeat': { permission: 'camera.view', of: registered },
  'stream:removed': { permission: 'camera.view', of: [passing] },
  detection: { permission: 'detection.view', of: [...allCameras, passing] },
};

/** `subscribe`: the list is sent as a message, not in the address. */
const filters: { name: string; ids: string[] | null; subscribe: boolean }[] = [
  { name: 'everything', ids: null, subscribe: false },
  {
    name: 'a list in the address',
    ids: [cameras.named, cameras.foreign, cameras.absent].map(({ id }) => id),
    subscribe: false,
  },
  { name: 'a subscription', ids: [...allCameras, passing].map(({ id }) => id), subscribe: true },
];

type Client = {
  name: string;
  caller: Caller;
  ids: string[] | null;
  socket: WebSocket;
  /** `type cameraId` of the messages received. */
  received: Set<string>;
  pongs: number;
};

/** Connects every caller with every filter, causes every message for every camera, and compares what arrived. */
export async function leaksOfMessages(
  api: RunningApi,
  callers: readonly Caller[],
): Promise<{ leaks: string[]; cases: number; refused: number }> {
  const leaks: string[] = [];
  const clients: Client[] = [];
  let refused = 0;
  await forEachAtOnce(callers, connectingAtOnce, async (caller) => {
    const expected = !caller.rights ? 401 : may(caller, 'camera.view', 'any') ? 101 : 403;
    for (const filter of filters) {
      const { status, client } = await connect(api, caller, filter);
      if (status !== expected)
        leaks.push(`${caller.name}: the handshake answered ${status} instead of ${expected}`);
      if (client) clients.push(client);
      else refused++;
    }
  });
  try {
    await causeMessages(api, clients);
    let cases = 0;
    for (const client of clients) {
      for (const [type, { permission, of }] of Object.entries(messages)) {
        for (const camera of [...allCameras, passing]) {
          cases++;
          const isFollowed = client.ids === null || client.ids.includes(camera.id);
          const expected = isFollowed && of.includes(camera) && may(client.caller, permission, camera);
          if (client.received.has(`${type} ${camera.id}`) === expected) continue;
          leaks.push(`${client.name}: ${type} of ${camera.id} ${expected ? 'is missing' : 'was sent'}`);
        }
      }
    }
    return { leaks, cases, refused };
  } finally {
    for (const { socket } of clients) socket.terminate();
  }
}

async function connect(
  api: RunningApi,
  caller: Caller,
  filter: (typeof filters)[number],
): Promise<{ status: number; client?: Client }> {
  const query =
    filter.ids && !filter.subscribe ? `?${filter.ids.map((id) => `cameraId=${id}`).join('&')}` : '';
  const address = `${api.url.replace('http', 'ws')}${operations.followEvents.path}${query}`;
  const socket = new WebSocket(address, {
    headers: caller.headers,
    ...(caller.localAddress === undefined ? {} : { localAddress: caller.localAddress }),
  });
  const client: Client = {
    name: `${caller.name}, ${filter.name}`,
    caller,
    ids: filter.ids,
    socket,
    received: new Set(),
    pongs: 0,
  };
  socket.on('message', (data: Buffer) => {
    const { type, cameraId } = JSON.parse(data.toString('utf8')) as { type: string; cameraId?: string };
    if (type === 'pong') client.pongs++;
    if (cameraId !== undefined) client.received.add(`${type} ${cameraId}`);
  });
  const status = await new Promise<number>((resolve, reject) => {
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', reject);
  });
  if (status !== 101) return { status };
  if (filter.subscribe) socket.send(JSON.stringify({ type: 'subscribe', cameraIds: filter.ids }));
  return { status, client };
}

async function causeMessages(api: RunningApi, clients: readonly Client[]): Promise<void> {
  const admin = await api.signIn();
  const witness = await connect(api, { name: 'administrator', headers: admin, rights: null }, filters[0]!);
  const seen = witness.client?.received ?? new Set();
  const requireSeen = (...events: string[]): void => {
    const missing = events.filter((event) => !seen.has(event));
    if (missing.length > 0) throw new Error(`no ${missing.join(', ')} yet`);
  };
  const until = (...events: string[]): Promise<void> => eventually(() => requireSeen(...events));

  const source = { url: 'rtsp://192.0.2.10/a' };
  await expectStatus(201, api, 'createCamera', admin, { ...passing, isRegistered: undefined, source });
  const publishAll = async (): Promise<void> => {
    for (const { id } of registered) await api.publish(statusOf(id, { phase: 'ERROR', reason: 'Matrix' }));
  };
  // The first is a change, the next ones are heartbeats.
  await eventually(async () => {
    await publishAll();
    requireSeen(...registered.map(({ id }) => `stream:heartbeat ${id}`));
  });
  const created = await api.call('GET', operationPath('readCamera', { id: passing.id }), undefined, admin);
  // By the clock of the API, which is ahead: a detection from before the creation belongs to an earlier camera.
  const { createdAt: capturedAt } = created.body as { createdAt: string };
  for (const camera of [...allCameras, passing])
    await api.bus.publish(detectionsTopic, camera.id, { ...detectionOf(camera), capturedAt });
  await until(...[...allCameras, passing].map(({ id }) => `detection ${id}`));
  await api.call('DELETE', operationPath('deleteCamera', { id: passing.id }), undefined, admin);
  await until(`stream:removed ${passing.id}`);
  witness.client?.socket.terminate();

  // The server sends in order: what was sent before a pong has arrived with it.
  for (const { socket } of clients) socket.send(JSON.stringify({ type: 'ping' }));
  await Promise.all(
    clients.map(async (client) => {
      while (client.pongs === 0) await once(client.socket, 'message');
    }),
  );
}
