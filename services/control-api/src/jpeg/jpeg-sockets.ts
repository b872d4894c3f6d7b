import { jpegAuthMessageSchema, jpegCloseCodes } from '@camplane/contracts/jpeg-stream';
import { operationPath } from '@camplane/contracts/operations';
import { CamplaneError, fieldsOf } from '@camplane/contracts/problem';
import { monotonicClock } from '@camplane/runtime/clock';
import { closeWebSocketServer } from '@camplane/service-kit/close-web-socket-server';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import type { CameraDirectory } from '../access/camera-rights.ts';
import type { Principal } from '../access/principal.ts';
import { requireRegistered } from '../cameras/require-registered.ts';
import type { UpgradeCall, UpgradeHandlers } from '../http/upgrade-router.ts';
import type { ViewerTickets } from '../media/viewer-tickets.ts';
import { connectAgain } from './connect-again.ts';
import { queryText } from './jpeg-handlers.ts';
import { closeSocket, relaySockets } from './relay-sockets.ts';
import type { StreamProxyClient } from './stream-proxy-client.ts';
import type { Viewings } from './viewings.ts';

const messageMaxBytes = 8 * 1024;
const authMaxMs = 10_000;
/** Connections that have not authenticated yet. */
const pendingMax = 100;

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
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: messageMaxBytes,
    perMessageDeflate: false,
    autoPong: false,
    clientTracking: true,
  });
  let pending = 0;

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
      refuse: (error) => refuse(viewer, error),
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
    if (pending >= pendingMax) {
      throw new CamplaneError(
        'too-many-requests',
        'Too many connections wait for their first message: send a credential with the handshake',
      );
    }
    accept(call, (viewer) => {
      pending++;
      viewer.on('error', () => {});
      void principalOf(viewer, call)
        .finally(() => pending--)
        .then(async (principal) => {
          await call.authorize(principal);
          requireRegistered(call.id, deps.cameras);
          const gone = new AbortController();
          viewer.once('close', () => gone.abort());
          view(viewer, await connect(call, gone.signal), principal, call);
          viewer.resume();
        })
        .catch((error: unknown) => refuse(viewer, error));
    });
  }

  async function principalOf(viewer: WebSocket, { id }: Call): Promise<Principal> {
    const [data, isBinary] = await firstMessage(viewer);
    // What follows waits until it is relayed.
    viewer.pause();
    return deps.tickets.ofMessage(tokenOf(data, isBinary), id);
  }

  return {
    onUpgrade: (call) => (call.principal.kind === 'anonymous' ? serveAfterMessage(call) : serve(call)),
    async close() {
      for (const viewer of server.clients) closeSocket(viewer, 1001, 'the server is stopping');
      await closeWebSocketServer(server);
    },
  };
}

function firstMessage(viewer: WebSocket): Promise<[RawData, boolean]> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new CamplaneError('unauthenticated', `no auth message within ${authMaxMs / 1000} s`)),
      authMaxMs,
    );
    viewer.once('message', (data, isBinary) => {
      clearTimeout(late);
      resolve([data, isBinary]);
    });
    viewer.once('close', () => {
      clearTimeout(late);
      reject(new CamplaneError('unauthenticated', 'the connection was closed'));
    });
  });
}

/** @throws CamplaneError `unauthenticated` with what is wrong */
function tokenOf(data: RawData, isBinary: boolean): string {
  const refuseText = (reason: string): CamplaneError =>
    new CamplaneError('unauthenticated', `The first message must be {"type":"auth","token":"…"}: ${reason}`);
  if (isBinary) throw refuseText('it is binary');
  let json: unknown;
  try {
    json = JSON.parse((data as Buffer).toString('utf8'));
  } catch {
    throw refuseText('it is not JSON');
  }
  const parsed = jpegAuthMessageSchema.safeParse(json);
  if (parsed.success) return parsed.data.token;
  const [field] = fieldsOf(parsed.error);
  throw refuseText(`${(field?.path ?? '').slice(0, 100)}: ${field?.message ?? ''}`);
}

/** Says why in an `error` message, because the reason of a close is 123 bytes at most, and closes. */
function refuse(viewer: WebSocket, error: unknown): void {
  const known = error instanceof CamplaneError ? error : new CamplaneError('internal', 'Internal error');
  viewer.resume();
  if (viewer.readyState !== viewer.OPEN) return;
  viewer.send(JSON.stringify({ type: 'error', code: known.kind, message: known.message }));
  closeSocket(viewer, closeCodes[known.kind] ?? 1013, known.kind);
}

const closeCodes: Readonly<Record<string, number>> = {
  unauthenticated: jpegCloseCodes.unauthenticated,
  forbidden: jpegCloseCodes.unauthenticated,
  'camera-not-found': jpegCloseCodes.notFound,
  'stream-limit': jpegCloseCodes.limit,
  internal: 1011,
};
