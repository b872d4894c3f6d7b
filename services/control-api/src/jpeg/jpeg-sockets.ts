import { jpegCloseCodes } from '@camplane/contracts/jpeg-stream';
import { operationPath } from '@camplane/contracts/operations';
import { monotonicClock } from '@camplane/runtime/clock';
import { closeWebSocketServer } from '@camplane/service-kit/close-web-socket-server';
import { jpegSocketOptions } from '@camplane/service-kit/jpeg-socket-options';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { CameraDirectory } from '../access/camera-rights.ts';
import type { Principal } from '../access/principal.ts';
import { requireRegistered } from '../cameras/require-registered.ts';
import type { UpgradeCall, UpgradeHandlers } from '../http/upgrade-router.ts';
import type { ViewerTickets } from '../media/viewer-tickets.ts';
import { connectAgain } from './connect-again.ts';
import { createFirstMessages, refuseViewer } from './first-message.ts';
import { queryText } from './jpeg-handlers.ts';
import { closeSocket, relaySockets } from './relay-sockets.ts';
import type { StreamProxyClient } from './stream-proxy-client.ts';
import type { Viewings } from './viewings.ts';

const messageMaxBytes = 8 * 1024;

/** The `followJpeg` WebSocket: who may view is decided here, the pictures come from stream-proxy. */
export type JpegSockets = {
  onUpgrade: UpgradeHandlers['followJpeg'];
  /** Closes every connection with 1001, so that clients reconnect later. */
  close(): Promise<void>;
};

type Call = Parameters<UpgradeHandlers['followJpeg']>[0];

export function createJpegSockets(deps: {
  streamProxy: StreamProxyClient;
  viewings: Pick<Viewings, 'watch'>;
  tickets: Pick<ViewerTickets, 'ofMessage'>;
  cameras: Pick<CameraDirectory, 'identity'>;
}): JpegSockets {
  const server = new WebSocketServer({ ...jpegSocketOptions, maxPayload: messageMaxBytes });
  const firstMessages = createFirstMessages();

  const connect = ({ id, query }: Pick<Call, 'id' | 'query'>, signal: AbortSignal): Promise<WebSocket> => {
    const path = `${operationPath('followJpeg', { id })}${queryText({ quality: query.quality })}`;
    return deps.streamProxy.connect(id, path, signal);
  };

  function view(viewer: WebSocket, upstream: WebSocket, principal: Principal, { id, query }: Call): void {
    viewer.on('error', () => {}); // `close` follows.
    const unwatch = deps.viewings.watch(principal, id, (reason) => {
      if (reason === 'signed-out') closeSocket(viewer, jpegCloseCodes.unauthenticated, 'signed out');
      else closeSocket(viewer, jpegCloseCodes.notFound, 'the camera is not available any longer');
    });
    viewer.on('close', unwatch);
    relaySockets(viewer, upstream, {
      connect(quality = query.quality, signal) {
        return connectAgain(() => connect({ id, query: { quality } }, signal), signal, monotonicClock);
      },
      refuse: (error) => refuseViewer(viewer, error),
    });
  }

  /** Connects to stream-proxy before the handshake, so that its refusal is an HTTP response. */
  async function serve(call: Call): Promise<void> {
    requireRegistered(call.id, deps.cameras);
    const gone = new AbortController();
    const abort = (): void => gone.abort();
    call.socket.once('close', abort);
    const upstream = await connect(call, gone.signal);
    call.socket.off('close', abort);
    if (call.socket.destroyed) return upstream.terminate();
    call.socket.once('close', () => upstream.terminate());
    accept(call, (viewer) => view(viewer, upstream, call.principal, call));
  }

  function accept({ request, socket, head }: UpgradeCall<unknown>, use: (viewer: WebSocket) => void): void {
    server.handleUpgrade(request, socket, head, use);
  }

  /** The first message authenticates: refusals are close codes. */
  function serveAfterMessage(call: Call): void {
    firstMessages.requireRoom();
    accept(call, (viewer) => {
      viewer.on('error', () => {});
      void firstMessages
        .principalOf(viewer, (token) => deps.tickets.ofMessage(token, call.id))
        .then(async ({ principal, resume }) => {
          await call.authorize(principal);
          requireRegistered(call.id, deps.cameras);
          const gone = new AbortController();
          viewer.once('close', () => gone.abort());
          view(viewer, await connect(call, gone.signal), principal, call);
          resume();
        })
        .catch((error: unknown) => refuseViewer(viewer, error));
    });
  }

  return {
    onUpgrade: (call) => (call.principal.kind === 'anonymous' ? serveAfterMessage(call) : serve(call)),
    async close() {
      for (const viewer of server.clients) closeSocket(viewer, 1001, 'the server is stopping');
      await closeWebSocketServer(server);
    },
  };
}
