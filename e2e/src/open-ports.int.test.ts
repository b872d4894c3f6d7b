import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Operation } from '@camplane/contracts/operation';
import { operations } from '@camplane/contracts/operations';
import { startCamplane, testAdministrator } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { footageJpegs } from '@camplane/testkit/footage-jpegs';
import { freePorts } from '@camplane/testkit/free-port';
import { listeningSocketsOf } from '@camplane/testkit/listening-sockets';
import type { ListeningSocket } from '@camplane/testkit/listening-sockets';
import { signIn } from '@camplane/testkit/sign-in';
import { waitUntil } from '@camplane/testkit/wait-until';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Address, Answer } from './ports/anonymous-requests.ts';
import {
  askApi,
  askCameraService,
  askControlApi,
  askDetectionService,
  askHls,
  askRelay,
  askRtspServer,
  askStreamProxy,
  askStunOverTcp,
  askStunOverUdp,
  askWebrtc,
  watchedCamera as camera,
} from './ports/ask-services.ts';

/*
 * Every port of one machine, asked without credentials. The sockets come from the kernel; one that is not in `ports`
 * below fails the test.
 */

jest.setTimeout(120_000);

/** The API listens elsewhere, so that a port of another service that follows `HTTP_HOST` would be found. */
const apiHost = '127.0.0.2';
const loopback = '127.0.0.1';

type Port = {
  name: string;
  protocol: 'tcp' | 'udp';
  host: string;
  /** Undefined: a free one of the moment. */
  port?: number;
  /** Paths that are open on purpose, and why. */
  open?: Record<string, string>;
  ask(address: Address): Promise<Answer[]>;
};

let camplane: Camplane;
let cameraServer: Server;
let ports: Port[];
let sockets: ListeningSocket[];

beforeAll(async () => {
  const [camerasPort = 0, detectionsPort = 0, jpegPort = 0] = await freePorts(3);
  cameraServer = await startMjpegCamera();
  camplane = await startCamplane({
    access: 'on',
    waitForReady: false,
    environment: {
      HTTP_HOST: apiHost,
      CAMERA_SERVICE_PORT: String(camerasPort),
      DETECTION_SERVICE_PORT: String(detectionsPort),
      STREAM_PROXY_PORT: String(jpegPort),
    },
  });
  await waitUntil(
    () => camplane.output(),
    (output) => output.includes('Camplane is ready'),
    { timeoutMs: 90_000, what: 'Camplane ready' },
  );
  const { client } = await signIn(camplane.url.replace(loopback, apiHost), testAdministrator);
  const { port } = cameraServer.address() as AddressInfo;
  const url = `http://${loopback}:${port}/video`;
  await client.createCamera({ body: { id: camera, source: { url }, video: { mode: 'transcode' } } });
  await waitUntil(
    () => client.readStatus({ id: camera }),
    ({ phase }) => phase === 'RUNNING',
    { timeoutMs: 60_000, what: 'the camera runs' },
  );
  const configuration = await readFile(join(camplane.dataFolder, 'mediamtx.json'), 'utf8');
  ports = portsOf(JSON.parse(configuration) as Record<string, string>, {
    camerasPort,
    detectionsPort,
    jpegPort,
  });
  sockets = await listeningSocketsOf(camplane.pid);
});
afterAll(async () => {
  await camplane.dispose();
  cameraServer.closeAllConnections();
  cameraServer.close();
});

const health = {
  'GET /healthz': 'health: whether the process answers',
  'GET /readyz': 'health: which parts are ready',
};
const localMetrics = { 'GET /metrics': 'programs of this machine alone reach the port' };

function portsOf(
  mediaMtx: Record<string, string>,
  { camerasPort, detectionsPort, jpegPort }: Record<'camerasPort' | 'detectionsPort' | 'jpegPort', number>,
): Port[] {
  const portIn = (key: string): number => Number(/:(\d+)$/.exec(mediaMtx[key] ?? '')?.[1]);
  const media = { protocol: 'tcp', host: loopback } as const;
  return [
    {
      name: 'API',
      protocol: 'tcp',
      host: apiHost,
      port: Number(new URL(camplane.url).port),
      ask: askApi,
      open: {
        ...health,
        'GET /': 'the page of the dashboard, which has no data',
        'GET /any-page': 'the same page, which has the addresses of its views',
        ...openOperations(),
      },
    },
    {
      name: 'RTSP',
      ...media,
      port: portIn('rtspAddress'),
      ask: askRtspServer,
      open: { [`OPTIONS /${camera}`]: 'lists the methods of RTSP' },
    },
    { name: 'HLS', ...media, port: portIn('hlsAddress'), ask: askHls },
    { name: 'WebRTC', ...media, port: portIn('webrtcAddress'), ask: askWebrtc },
    {
      name: 'WebRTC media over UDP',
      protocol: 'udp',
      host: loopback,
      port: portIn('webrtcLocalUDPAddress'),
      ask: askStunOverUdp,
    },
    {
      name: 'WebRTC media over TCP',
      ...media,
      port: portIn('webrtcLocalTCPAddress'),
      ask: askStunOverTcp,
    },
    { name: 'control API of MediaMTX', ...media, port: portIn('apiAddress'), ask: askControlApi },
    {
      name: 'camera-service',
      ...media,
      port: camerasPort,
      ask: askCameraService,
      open: { ...health, ...localMetrics },
    },
    {
      name: 'detection-service',
      ...media,
      port: detectionsPort,
      ask: askDetectionService,
      open: { ...health, ...localMetrics },
    },
    {
      name: 'stream-proxy',
      ...media,
      port: jpegPort,
      ask: askStreamProxy,
      open: { ...health, ...localMetrics },
    },
    // A relay of a camera to FFmpeg, whose address has a secret; and the proxy for HTTP cameras.
    {
      name: 'relay or gateway of a camera',
      ...media,
      ask: (address) => askRelay(address, new URL(camplane.url).port),
    },
  ];
}

/** Operations that the table opens to everybody. */
function openOperations(): Record<string, string> {
  const entries = Object.values<Operation>(operations).filter(({ permission }) => permission === 'none');
  return Object.fromEntries(
    entries.map(({ method, path }) => [`${method.toUpperCase()} ${path}`, 'declared in the table']),
  );
}

async function startMjpegCamera(): Promise<Server> {
  const [jpeg = Buffer.alloc(0)] = await footageJpegs({ seconds: 1, fps: 1 });
  const part = `--b\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`;
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=b' });
    const timer = setInterval(
      () => response.write(Buffer.concat([Buffer.from(part), jpeg, Buffer.from('\r\n')])),
      100,
    );
    response.on('close', () => clearInterval(timer));
  });
  server.listen(0, loopback);
  await once(server, 'listening');
  return server;
}

const describeSocket = ({ protocol, host, port, program }: ListeningSocket): string =>
  `${protocol} ${host}:${port} of ${program}`;

const portOf = (socket: ListeningSocket): Port | undefined => {
  const candidates = ports.filter(({ protocol }) => protocol === socket.protocol);
  return (
    candidates.find(({ port }) => port === socket.port) ??
    candidates.find(({ port }) => port === undefined && isOfRelay(socket))
  );
};
const isOfRelay = ({ program, host }: ListeningSocket): boolean =>
  program === 'camplane' && host === loopback;

/** Closed, 401 or 403, no such thing, or not understood: 2xx and redirects are neither. */
const isRefusal = (status: number): boolean =>
  status === 0 || (status >= 400 && status < 500) || status === 501;

describe('the ports of one machine', () => {
  it('are known, each at the address that its setting says', () => {
    const unknown = sockets.filter((socket) => portOf(socket) === undefined).map(describeSocket);
    expect(unknown).toEqual([]);
    const elsewhere = sockets.filter((socket) => socket.host !== portOf(socket)?.host).map(describeSocket);
    expect(elsewhere).toEqual([]);
    const found = new Set(sockets.map(portOf));
    expect(ports.filter((port) => !found.has(port)).map(({ name }) => name)).toEqual([]);
  });

  it('refuse callers without credentials, except health and what is open on purpose', async () => {
    const answers = await Promise.all(
      sockets.map(async (socket) => {
        const port = portOf(socket);
        if (!port) return [];
        return (await port.ask(socket)).map((answer) => ({ port, ...answer }));
      }),
    );
    const leaks = answers.flat().flatMap(({ port, asked, status, text }) => {
      const isOpen = port.open?.[asked.replace(camera, '{id}')] ?? port.open?.[asked];
      const leak = `${port.name}: ${asked} answered ${status} ${text.slice(0, 200)}`;
      if (isOpen === undefined) return isRefusal(status) ? [] : [leak];
      // Nothing that is open beyond loopback names a camera.
      return port.host === apiHost && text.includes(camera) ? [leak] : [];
    });
    expect(leaks).toEqual([]);
    expect(answers.flat().length).toBeGreaterThan(120);
    // Both requests to the auth hook were refused because they do not come from MediaMTX.
    const cameraService = ports.find(({ name }) => name === 'camera-service');
    const metrics = await fetch(`http://${loopback}:${cameraService?.port}/metrics`);
    expect(await metrics.text()).toContain(
      'camplane_refused_requests_total{endpoint="media-hook",service="camera-service"} 2',
    );
  });
});
