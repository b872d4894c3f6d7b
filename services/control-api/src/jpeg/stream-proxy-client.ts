import { CamplaneError } from '@camplane/contracts/problem';
import { messageOf } from '@camplane/runtime/message-of';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { forwardedProblem } from '../http/forwarded-problem.ts';

const problemMaxBytes = 64 * 1024;
const pictureMaxBytes = 8 * 1024 * 1024;
/** Longer than stream-proxy waits for a picture. */
const answerMaxMs = 8_000;

/** Requests to stream-proxy, with the shared secret. `path` is that of the API with its query. */
export type StreamProxyClient = {
  /** @throws CamplaneError stream-proxy's own, or `service-unavailable` */
  get(path: string, signal: AbortSignal): Promise<IncomingMessage>;
  /**
   * Opens a WebSocket and pauses it, so that no message is lost before the caller listens.
   *
   * @throws CamplaneError stream-proxy's own, or `service-unavailable`
   */
  connect(path: string, signal: AbortSignal): Promise<WebSocket>;
};

/** @param config undefined: live JPEG is not available */
export function createStreamProxyClient(
  config: { url: string; secret: string } | undefined,
): StreamProxyClient {
  const addressOf = (path: string): { url: string; headers: { authorization: string } } => {
    if (!config) {
      throw new CamplaneError(
        'service-unavailable',
        'Live JPEG is not available here: there is no stream-proxy, STREAM_PROXY_URL is not set. ' +
          'WebRTC, HLS and RTSP are available',
      );
    }
    return {
      url: `${config.url.replace(/\/+$/, '')}${path}`,
      headers: { authorization: `Bearer ${config.secret}` },
    };
  };
  return {
    async get(path, signal) {
      const { url, headers } = addressOf(path);
      const response = await answerOf(url, headers, signal);
      if (response.statusCode === 200) return response;
      throw await problemOf(response);
    },
    async connect(path, signal) {
      const { url, headers } = addressOf(path);
      const socket = new WebSocket(url.replace(/^http/, 'ws'), {
        headers,
        handshakeTimeout: answerMaxMs,
        perMessageDeflate: false,
        maxPayload: pictureMaxBytes,
        // Pings are relayed: their pongs prove that the viewer has read a picture.
        autoPong: false,
      });
      await opened(socket, signal);
      return socket;
    },
  };
}

function answerOf(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers, signal });
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
    const cancel = (): void => socket.terminate();
    signal.addEventListener('abort', cancel, { once: true });
    socket.once('open', () => {
      signal.removeEventListener('abort', cancel);
      socket.pause();
      resolve();
    });
    socket.on('error', (error) => {
      signal.removeEventListener('abort', cancel);
      reject(unavailable(messageOf(error), error));
    });
    socket.once('unexpected-response', (_request, response) => {
      void problemOf(response).then(reject).finally(cancel);
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
  // A refusal of control-api's own credential does not concern the viewer.
  if (problem && problem.kind !== 'unauthenticated') return problem;
  return unavailable(problem?.message ?? `it returned status ${response.statusCode ?? 0}`);
}

function unavailable(reason: string, cause?: unknown): CamplaneError {
  return new CamplaneError(
    'service-unavailable',
    `stream-proxy is unavailable: ${reason}`,
    cause === undefined ? {} : { cause },
  );
}
