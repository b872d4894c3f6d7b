import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';

/** Ways in which the camera misbehaves. */
export type CameraFault =
  /** Returns this RTSP status for every request: 401, 403, 404, 453, 500, 503. */
  | { kind: 'status'; status: number }
  /** 302 to itself. */
  | { kind: 'redirect-loop' }
  /** 302 to this URL. */
  | { kind: 'redirect'; location: string }
  /** Bytes that are not RTSP. */
  | { kind: 'garbage' }
  /** Accepts and never responds. */
  | { kind: 'silent' }
  /** Accepts and closes at once. */
  | { kind: 'hang-up' }
  /** Describes, sets up and plays an H.264 stream, answers keep-alives, and sends no video. */
  | { kind: 'no-video' };

export type FaultyCamera = {
  /** Without user information. */
  readonly url: string;
  readonly port: number;
  /** Connections accepted since the start. */
  connections(): number;
  /** First lines of the requests received, oldest first; the last 1000. */
  requests(): string[];
  setFault(fault: CameraFault): void;
  stop(): Promise<void>;
};

const requestsMax = 1000;
const requestMaxBytes = 65_536;

/** Starts a camera that misbehaves, at a free loopback port unless one is given. */
export async function startFaultyCamera(options: {
  fault: CameraFault;
  port?: number;
}): Promise<FaultyCamera> {
  let { fault } = options;
  let connections = 0;
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    if (fault.kind === 'hang-up') socket.destroy();
    if (fault.kind === 'garbage') socket.write(garbage());
    let received = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      received = (received + text).slice(-requestMaxBytes);
      for (let end = received.indexOf('\r\n\r\n'); end >= 0; end = received.indexOf('\r\n\r\n')) {
        const request = received.slice(0, end);
        received = received.slice(end + 4);
        requests.push(request.split('\r\n', 1)[0] ?? '');
        if (requests.length > requestsMax) requests.shift();
        socket.write(answer(request, fault, url));
      }
    });
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const url = `rtsp://127.0.0.1:${address.port}/stream1`;

  return {
    url,
    port: address.port,
    connections: () => connections,
    requests: () => [...requests],
    setFault: (next) => {
      fault = next;
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function answer(request: string, fault: CameraFault, url: string): string | Buffer {
  const sequence = /^CSeq: *(\d+)/im.exec(request)?.[1] ?? '0';
  const reply = (status: number, headers: string[] = [], body = '') =>
    [`RTSP/1.0 ${status} ${reasons.get(status) ?? 'Status'}`, `CSeq: ${sequence}`, ...headers, '', body].join(
      '\r\n',
    );
  switch (fault.kind) {
    case 'status':
      return reply(fault.status, fault.status === 401 ? ['WWW-Authenticate: Basic realm="camera"'] : []);
    case 'redirect-loop':
      return reply(302, [`Location: ${url}`]);
    case 'redirect':
      return reply(302, [`Location: ${fault.location}`]);
    case 'garbage':
      return garbage();
    case 'silent':
    case 'hang-up':
      return '';
    case 'no-video':
      return answerWithoutVideo(request, reply, url);
  }
}

type Reply = (status: number, headers?: string[], body?: string) => string;

function answerWithoutVideo(request: string, reply: Reply, url: string): string {
  const method = request.split(' ', 1)[0];
  const session = 'Session: 12345678;timeout=60';
  switch (method) {
    case 'OPTIONS':
      return reply(200, ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER']);
    case 'DESCRIBE':
      return reply(
        200,
        ['Content-Type: application/sdp', `Content-Base: ${url}/`, `Content-Length: ${description.length}`],
        description,
      );
    case 'SETUP': {
      const transport = /^Transport: *(.*)$/im.exec(request)?.[1] ?? 'RTP/AVP/TCP;unicast;interleaved=0-1';
      const isTcp = transport.includes('TCP');
      return reply(200, [session, `Transport: ${isTcp ? transport : `${transport};server_port=9-10`}`]);
    }
    default:
      return reply(200, [session]);
  }
}

/** An H.264 stream of 640×360, main profile; its parameter sets are x264's. */
const description = [
  'v=0',
  'o=- 0 0 IN IP4 127.0.0.1',
  's=camera',
  'c=IN IP4 0.0.0.0',
  't=0 0',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1;profile-level-id=4D401E;sprop-parameter-sets=Z01AHtkAoC/5cBEAAAMAAQAAAwAyDxYuSA==,aOvDyyA=',
  'a=control:trackID=0',
  '',
].join('\r\n');

const reasons = new Map([
  [200, 'OK'],
  [302, 'Moved Temporarily'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [453, 'Not Enough Bandwidth'],
  [500, 'Internal Server Error'],
  [503, 'Service Unavailable'],
]);

/** Bytes of every value, the same in each run. */
function garbage(): Buffer {
  return Buffer.from(Array.from({ length: 4096 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 16) & 0xff));
}
