import { once } from 'node:events';
import { connect } from 'node:net';
import { operationPath } from '@camplane/contracts/operations';
import { ffprobeStream } from '@camplane/testkit/read-stream';

const cameras = operationPath('listCameras');

/** What a client without credentials gets at a port. Throws an error if it gets more. */
type AnonymousCheck = (address: string, port: number) => Promise<void>;

/**
 * Every TCP port of an installation, by component, with what a client without credentials can do there. A test compares the
 * keys with the ports of the running pods: a new port fails it until it is listed here.
 */
export const anonymousPorts: Readonly<Record<string, AnonymousCheck>> = {
  // The operations are tested one by one in services/control-api/src/access/matrix.int.test.ts.
  'api:8080': (address, port) =>
    expectStatuses(address, port, {
      ...{ '/healthz': [200], '/metrics': [401], [cameras]: [401] },
      ...{ [operationPath('listDetections')]: [401], [operationPath('listUsers')]: [401] },
    }),
  'api:8082': async (address, port) => {
    await expectStatuses(address, port, { '/': [404], '/metrics': [404], [cameras]: [404] });
    await expectStatuses(address, port, { '/mediamtx/auth': [401] }, anonymousRead);
  },
  'operator:9102': (address, port) => expectHealthOnly(address, port),
  'detection:9101': async (address, port) => {
    await expectHealthOnly(address, port);
    await expectStatuses(address, port, { '/detect': [401] }, { method: 'POST', body: new FormData() });
  },
  'jpeg:8081': (address, port) =>
    expectStatuses(address, port, {
      ...{ '/healthz': [200], '/readyz': [200, 503], '/metrics': [401], '/': [401] },
      ...{ [operationPath('readMjpeg', { id: 'street' })]: [401] },
    }),
  'edge:8554': refusesRtsp,
  'edge:8888': (address, port) => expectStatuses(address, port, { '/street/index.m3u8': [401] }),
  'edge:8889': (address, port) =>
    expectStatuses(
      address,
      port,
      { '/street/whep': [401] },
      { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: 'v=0\r\n' },
    ),
  // ICE over TCP: media flows only in a session that WHEP has admitted.
  'edge:8189': (address, port) => expectSilence(address, port),
  'edge:9997': (address, port) =>
    expectStatuses(address, port, { '/v3/paths/list': [401], '/v3/config/global/get': [401] }),
  // Counts of readers by path, without video.
  'edge:9998': (address, port) =>
    expectStatuses(address, port, { '/metrics': [200], '/v3/paths/list': [404] }),
  'camera:8554': refusesRtsp,
  // Snapshots, statuses and probes are for control-api and the operator, the hook for the pod's own MediaMTX.
  'camera:9100': async (address, port) => {
    await expectStatuses(address, port, {
      ...{ '/healthz': [200], '/metrics': [401], '/cameras': [401], '/cameras/street/snapshot': [401] },
    });
    await expectStatuses(address, port, { '/mediamtx/auth': [401] }, anonymousRead);
  },
  'probe:9100': (address, port) =>
    expectStatuses(address, port, { '/metrics': [401], '/cameras': [401], '/probe': [401] }),
  // No login, for evaluation. NetworkPolicies admit only the services.
  'bus:9092': () => Promise.resolve(),
  'database:5432': refusesPostgres,
};

const json = { 'content-type': 'application/json' };
const anonymousRead = {
  method: 'POST',
  headers: json,
  body: JSON.stringify({
    ...{ user: '', password: '', token: '', ip: '192.0.2.1', action: 'read', path: 'street' },
    ...{ protocol: 'hls', id: null, query: '' },
  }),
};

async function expectStatuses(
  address: string,
  port: number,
  expected: Record<string, number[]>,
  init: RequestInit = {},
): Promise<void> {
  for (const [path, statuses] of Object.entries(expected)) {
    const response = await fetch(`http://${address}:${port}${path}`, init);
    const text = await response.text();
    if (!statuses.includes(response.status)) {
      throw new Error(
        `${path} of port ${port}: status ${response.status} without credentials: ${text.slice(0, 200)}`,
      );
    }
  }
}

function expectHealthOnly(address: string, port: number): Promise<void> {
  const operational = { '/healthz': [200], '/readyz': [200, 503], '/metrics': [401] };
  return expectStatuses(address, port, {
    ...operational,
    '/': [404],
    '/cameras': [404],
    [cameras]: [404],
  });
}

async function refusesRtsp(address: string, port: number): Promise<void> {
  const answer = await ffprobeStream(`rtsp://${address}:${port}/street`).then(
    () => 'played',
    (error: unknown) => String(error),
  );
  if (!answer.includes('401 Unauthorized'))
    throw new Error(`RTSP port ${port} without credentials: ${answer}`);
}

/** Anything but ICE of a known session gets no response. */
async function expectSilence(address: string, port: number): Promise<void> {
  const answer = await exchange(address, port, Buffer.from('GET / HTTP/1.0\r\n\r\n'));
  if (answer.length > 0) throw new Error(`port ${port} without credentials: ${answer.toString('latin1')}`);
}

/** The server asks for a password (`R` with a code other than 0) or reports an error (`E`). */
async function refusesPostgres(address: string, port: number): Promise<void> {
  const text = Buffer.from('user\0camplane\0database\0camplane\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(text.length + head.length, 0);
  head.writeInt32BE(0x0003_0000, 4);
  const answer = await exchange(address, port, Buffer.concat([head, text]));
  const asks = answer[0] === 'R'.charCodeAt(0) && answer.readInt32BE(5) !== 0;
  if (!asks && answer[0] !== 'E'.charCodeAt(0)) throw new Error('PostgreSQL asks for no password');
}

const answerMaxMs = 1000;

/** The first bytes of the answer; empty if the server ends the connection, or sends none in time. */
async function exchange(address: string, port: number, request: Buffer): Promise<Buffer> {
  const socket = connect({ host: address, port });
  try {
    await once(socket, 'connect');
    socket.write(request);
    socket.setTimeout(answerMaxMs, () => socket.destroy());
    const none = [Buffer.alloc(0)];
    const answer = once(socket, 'data').catch(() => none);
    const [bytes] = (await Promise.race([answer, once(socket, 'close').then(() => none)])) as [Buffer];
    return bytes;
  } finally {
    socket.destroy();
  }
}
