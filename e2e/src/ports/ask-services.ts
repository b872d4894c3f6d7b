import type { Operation } from '@camplane/contracts/operation';
import { apiRoot } from '@camplane/contracts/operation-parts';
import { operationPath, operations } from '@camplane/contracts/operations';
import { askHttp, askRtsp, askUpgrade, exchange, sendDatagram } from './anonymous-requests.ts';
import type { Address, Answer } from './anonymous-requests.ts';

/* Requests without credentials to each port of one machine. */

const loopback = '127.0.0.1';
/** A camera that runs. Its id must not appear in answers beyond loopback. */
export const watchedCamera = 'attic-canary';
const ofCamera = { id: watchedCamera };

const ask = (address: Address, requests: string[]): Promise<Answer[]> =>
  Promise.all(requests.map((text) => askHttp(address, text.split(' '))));

export async function askApi(address: Address): Promise<Answer[]> {
  const ofTable = Object.values<Operation>(operations)
    .filter(({ upgrade }) => !upgrade)
    .map(({ method, path }) => `${method.toUpperCase()} ${path.replace('{id}', watchedCamera)}`);
  const others = ['/metrics', '/healthz', '/readyz', '/', apiRoot, '/any-page'];
  return [
    ...(await ask(address, [
      ...ofTable,
      ...others.map((path) => `GET ${path}`),
      'POST /mediamtx/auth',
      'TRACE /',
      `TRACE ${operations.listCameras.path}`,
    ])),
    await askUpgrade(address, operations.followEvents.path),
    await askUpgrade(address, '/'),
  ];
}

export async function askRtspServer(address: Address): Promise<Answer[]> {
  const transport = 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n';
  const asked: [string, string, string?][] = [
    ['OPTIONS', `/${watchedCamera}`],
    ['DESCRIBE', `/${watchedCamera}`],
    ['DESCRIBE', `/${watchedCamera}?token=cpl_x`],
    ['DESCRIBE', '/absent'],
    ['ANNOUNCE', `/${watchedCamera}`, 'Content-Type: application/sdp\r\nContent-Length: 0\r\n'],
    ['SETUP', `/${watchedCamera}/trackID=0`, transport],
    ['PLAY', `/${watchedCamera}`],
    ['RECORD', `/${watchedCamera}`],
    ['GET_PARAMETER', `/${watchedCamera}`],
  ];
  return Promise.all([
    ...asked.map(([method, path, headers]) => askRtsp(address, method, path, headers)),
    askUpgrade(address, `/${watchedCamera}`, 'rtsp.onvif.org').then((answer) => ({
      ...answer,
      status: tunnelled(answer),
    })),
  ]);
}

/** RTSP inside a WebSocket: the tunnel opens, and the RTSP in it needs the same login. */
const tunnelled = ({ status }: Answer): number => (status === 101 ? 401 : status);

export const askHls = (address: Address): Promise<Answer[]> =>
  ask(address, [
    ...[
      '/',
      `/${watchedCamera}`,
      `/${watchedCamera}/`,
      `/${watchedCamera}/index.m3u8`,
      `/${watchedCamera}/main_stream.m3u8`,
    ].map((path) => `GET ${path}`),
    ...[`/${watchedCamera}/video1_init.mp4`, '/absent/index.m3u8', '/metrics', '/v3/paths/list'].map(
      (path) => `GET ${path}`,
    ),
    ...['OPTIONS', 'TRACE', 'POST', 'PUT', 'DELETE'].map(
      (method) => `${method} /${watchedCamera}/index.m3u8`,
    ),
  ]);

export async function askWebrtc(address: Address): Promise<Answer[]> {
  const headers = { 'content-type': 'application/sdp' };
  // Malformed offers, as well (OWASP ASVS 5.0, 17.3.2).
  const bodies = ['', 'v=0\r\n', 'v=0\r\n'.repeat(10_000), '\0\xff', '{}'];
  return [
    ...(await ask(address, [
      'GET /',
      `GET /${watchedCamera}/`,
      `GET /${watchedCamera}/publish`,
      'GET /metrics',
      `TRACE /${watchedCamera}/whep`,
    ])),
    ...(await Promise.all(
      ['whep', 'whip'].flatMap((kind) =>
        bodies.map((body) => askHttp(address, ['POST', `/${watchedCamera}/${kind}`], { headers, body })),
      ),
    )),
    ...(await ask(address, [
      `PATCH /${watchedCamera}/whep/00000000-0000-4000-8000-000000000000`,
      `DELETE /${watchedCamera}/whep/x`,
    ])),
  ];
}

export const askControlApi = (address: Address): Promise<Answer[]> =>
  ask(address, [
    ...[
      'config/global/get',
      'config/paths/list',
      'paths/list',
      'rtspsessions/list',
      'webrtcsessions/list',
      'info',
    ].map((path) => `GET /v3/${path}`),
    ...['/metrics', '/debug/pprof/', '/'].map((path) => `GET ${path}`),
    'PATCH /v3/config/global/patch',
    'POST /v3/config/paths/add/door',
    'TRACE /v3/paths/list',
  ]);

export async function askCameraService(address: Address): Promise<Answer[]> {
  const read = { action: 'read', path: watchedCamera, protocol: 'hls', ip: loopback, id: null };
  const hook = { ...read, user: '', password: '', token: '', query: '' };
  const headers = { 'content-type': 'application/json' };
  return [
    ...(await ask(address, [
      ...[
        '/healthz',
        '/readyz',
        '/metrics',
        '/cameras',
        `/cameras/${watchedCamera}`,
        `/cameras/${watchedCamera}/snapshot`,
        `/cameras/${watchedCamera}/status`,
        '/status',
      ].map((path) => `GET ${path}`),
      'POST /probe',
      'TRACE /cameras',
    ])),
    await askHttp(address, ['POST', '/mediamtx/auth'], { headers, body: JSON.stringify(hook) }),
    await askHttp(address, ['POST', '/mediamtx/auth'], {
      headers,
      body: JSON.stringify({ ...hook, action: 'publish' }),
    }),
    ...(await askAsWebPage(address)),
  ];
}

export const askDetectionService = async (address: Address): Promise<Answer[]> => [
  ...(await ask(address, [
    'GET /healthz',
    'GET /readyz',
    'GET /metrics',
    'GET /',
    'POST /detect',
    'TRACE /',
  ])),
  ...(await askAsWebPage(address)),
];

export const askStreamProxy = async (address: Address): Promise<Answer[]> => [
  ...(await ask(address, [
    ...['/healthz', '/readyz', '/metrics', '/', operationPath('readJpegInfo', ofCamera)].map(
      (path) => `GET ${path}`,
    ),
    ...[operationPath('readJpegSnapshot', ofCamera), operationPath('readMjpeg', ofCamera)].map(
      (path) => `GET ${path}`,
    ),
    'TRACE /',
  ])),
  await askUpgrade(address, operationPath('followJpeg', ofCamera)),
  ...(await askAsWebPage(address)),
];

/** A page in a browser of this machine: after DNS rebinding, and from another origin. */
async function askAsWebPage(address: Address): Promise<Answer[]> {
  const pages: Record<string, string>[] = [
    { host: `evil.example:${address.port}` },
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
  ];
  const answers = await Promise.all(
    pages.map((headers) => askHttp(address, ['GET', '/metrics'], { headers })),
  );
  return answers.map((answer) => ({ ...answer, asked: `${answer.asked} by a web page` }));
}

export const askRelay = async (address: Address, apiPort: string): Promise<Answer[]> => [
  ...(await ask(address, [
    'GET /',
    `GET /${watchedCamera}`,
    'GET /00000000000000000000000000000000',
    'TRACE /',
  ])),
  // As a proxy: not to Camplane itself.
  await askHttp(address, ['GET', `http://${loopback}:${apiPort}/healthz`]),
];

/** A binding request of a stranger (RFC 8489). */
async function askStun(
  address: Address,
  send: (address: Address, bytes: Buffer) => Promise<string>,
): Promise<Answer> {
  const request = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
  const text = await send(address, request);
  return { asked: 'STUN', status: text === '' ? 0 : 200, text };
}

export const askStunOverUdp = async (address: Address): Promise<Answer[]> => [
  await askStun(address, sendDatagram),
];
export const askStunOverTcp = async (address: Address): Promise<Answer[]> => [
  await askStun(address, exchange),
];
