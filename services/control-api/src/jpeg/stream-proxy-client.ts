import { CamplaneError } from '@camplane/contracts/problem';
import { onAbort } from '@camplane/runtime/abort';
import type { Clock } from '@camplane/runtime/clock';
import { messageOf } from '@camplane/runtime/message-of';
import { request } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { WebSocket } from 'ws';
import { forwardedProblem } from '../http/forwarded-problem.ts';
import { resolveUrl } from '../media/media-servers.ts';
import { createReplicaMoves } from './replica-moves.ts';
import { createStreamProxyReplicas, unavailable } from './stream-proxy-replicas.ts';
import type { ReplicaConnection } from './stream-proxy-replicas.ts';

const problemMaxBytes = 64 * 1024;
const pictureMaxBytes = 8 * 1024 * 1024;
/** Longer than stream-proxy waits for a picture. */
const answerMaxMs = 8_000;

/**
 * Requests to stream-proxy about a camera, with the shared secret. `path` is a path of the API with its query. The
 * camera determines the replica; a request that it refuses is not sent to another one.
 */
export type StreamProxyClient = {
  /** @throws CamplaneError stream-proxy's own, or `service-unavailable` */
  get(cameraId: string, path: string, signal: AbortSignal): Promise<IncomingMessage>;
  /**
   * Opens a WebSocket and pauses it, so that no message is lost before the caller listens. It ends with 1006 when
   * another replica becomes the best one for the camera.
   *
   * @throws CamplaneError stream-proxy's own, or `service-unavailable`
   */
  connect(cameraId: string, path: string, signal: AbortSignal): Promise<WebSocket>;
};

/** @param config undefined: live JPEG is not available */
export function createStreamProxyClient(
  config: { url: string; secret: string } | undefined,
  clock: Pick<Clock, 'now'>,
): StreamProxyClient {
  if (!config) {
    return {
      get: () => Promise.reject(notConfigured()),
      connect: () => Promise.reject(notConfigured()),
    };
  }
  const replicas = createStreamProxyReplicas(config.url, { resolve: resolveUrl, clock });
  const moves = createReplicaMoves(replicas);
  const headers = { authorization: `Bearer ${config.secret}` };
  const addressOf = (path: string, { url, socket }: ReplicaConnection) => ({
    url: `${url.replace(/\/+$/, '')}${path}`,
    options: { headers, createConnection: () => socket },
  });
  return {
    async get(cameraId, path, signal) {
      const { url, options } = addressOf(path, await replicas.connect(cameraId, signal));
      const response = await answerOf(url, options, signal);
      if (response.statusCode === 200) return response;
      throw await problemOf(response);
    },
    async connect(cameraId, path, signal) {
      const replica = await replicas.connect(cameraId, signal);
      const { url, options } = addressOf(path, replica);
      const socket = new WebSocket(url.replace(/^http/, 'ws'), {
        ...options,
        handshakeTimeout: answerMaxMs,
        perMessageDeflate: false,
        maxPayload: pictureMaxBytes,
        // Pings are relayed: their pongs prove that the viewer has read a picture.
        autoPong: false,
      });
      await opened(socket, signal);
      moves.follow(socket, { cameraId, url: replica.url });
      return socket;
    },
  };
}

function notConfigured(): CamplaneError {
  return new CamplaneError(
    'service-unavailable',
    'Live JPEG is not available here: there is no stream-proxy, STREAM_PROXY_URL is not set. ' +
      'WebRTC, HLS and RTSP are available',
  );
}

function answerOf(url: string, options: RequestOptions, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ...options, signal });
    const deadline = setTimeout(
      () => outgoing.destroy(new Error(`no answer within ${answerMaxMs / 1000} s`)),
      answerMaxMs,
    );
    outgoing.on('error', (error) => {
      clearTimeout(deadline);
      reject(unavailable(messageOf(error), error));
    });
    outgoing.on('response', (response) => {
      clearTimeout(deadline);
      resolve(response);
    });
    outgoing.end();
  });
}

function opened(socket: WebSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const removeListener = onAbort(signal, () => socket.terminate());
    socket.once('open', () => {
      removeListener();
      socket.pause();
      resolve();
    });
    socket.on('error', (error) => {
      removeListener();
      reject(unavailable(messageOf(error), error));
    });
    socket.once('unexpected-response', (_request, response) => {
      void problemOf(response)
        .then(reject)
        .finally(() => socket.terminate());
    });
  });
}

async function problemOf(response: IncomingMessage): Promise<CamplaneError> {
  let text = '';
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > problemMaxBytes) break;
    }
  } catch {
    // A truncated text is not a problem document.
  }
  const problem = forwardedProblem(text, response.headers['retry-after']);
  // Viewers cannot correct control-api's own credential.
  if (problem && problem.kind !== 'unauthenticated') return problem;
  return unavailable(problem?.message ?? `it returned status ${response.statusCode ?? 0}`);
}
