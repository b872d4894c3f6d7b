import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { RtspDeviation } from './deviation.ts';
import type { CameraClock } from './media-sender.ts';
import { serveRtspConnection } from './rtsp-connection.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';
import { soundClip } from './sound.ts';
import { ordinaryVideo, videoClip } from './video-clip.ts';

export type DeviatingCameraOptions = {
  deviation: RtspDeviation;
  cacheFolder: string;
  /** Any free port by default. */
  port?: number;
  /** Listen address; default 127.0.0.1. */
  host?: string;
};

export type DeviatingCamera = {
  /** Without user information. */
  readonly url: string;
  readonly port: number;
  /** Connections accepted since the start. */
  connections(): number;
  /** Requests and their statuses, such as `SETUP 404`, oldest first; the last 1000. */
  requests(): string[];
  stop(): Promise<void>;
};

/** What the connections of a camera share. */
export type CameraState = {
  clock: CameraClock;
  /** The connection that holds the only session, and when the last one ended. */
  owner: Socket | null;
  freeFromMs: number;
  /** How often each refusal was given. */
  refused: Map<object, number>;
};

const requestsMax = 1000;

/** Starts an RTSP camera with these deviations. It encodes its clip first, unless the cache holds it. */
export async function startDeviatingCamera(options: DeviatingCameraOptions): Promise<DeviatingCamera> {
  const { deviation, cacheFolder, host = '127.0.0.1' } = options;
  const [video, sound] = await Promise.all([
    videoClip({ ...ordinaryVideo, ...deviation.video }, cacheFolder),
    deviation.sound === undefined ? null : soundClip(deviation.sound, cacheFolder),
  ]);
  const clock = { startedMs: performance.now(), firstPlayMs: null };
  const state: CameraState = { clock, owner: null, freeFromMs: 0, refused: new Map() };
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  let connections = 0;
  const note = (line: string) => {
    requests.push(line);
    if (requests.length > requestsMax) requests.shift();
  };
  const accept = (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    serveRtspConnection({ socket, deviation, video, sound, state, note });
  };
  const { tls } = deviation;
  const server = tls === undefined ? createServer(accept) : createTlsServer(tlsOptions(tls), accept);
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');

  return {
    url: `${tls === undefined ? 'rtsp' : 'rtsps'}://127.0.0.1:${address.port}/stream1`,
    port: address.port,
    connections: () => connections,
    requests: () => [...requests],
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function tlsOptions({ certificate = 'self-signed', version, ciphers }: NonNullable<RtspDeviation['tls']>) {
  // Level 0 permits what OpenSSL 3 no longer offers by default.
  const secure = `${ciphers ?? 'DEFAULT'}:@SECLEVEL=0`;
  const versions = version === undefined ? {} : { minVersion: version, maxVersion: version };
  return { ...selfSignedCertificate(certificate), ...versions, ciphers: secure };
}
