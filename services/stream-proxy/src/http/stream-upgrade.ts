import { jpegOperations } from '@camplane/contracts/jpeg-operations';
import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import { CamplaneError } from '@camplane/contracts/problem';
import type { Clock } from '@camplane/runtime/clock';
import { closeWebSocketServer } from '@camplane/service-kit/close-web-socket-server';
import { jpegSocketOptions } from '@camplane/service-kit/jpeg-socket-options';
import type { Refusals } from '@camplane/service-kit/refusals';
import { refuseUpgrade } from '@camplane/service-kit/refuse-upgrade';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ClientSlots } from '../clients/client-slots.ts';
import { createSocketClient } from '../clients/socket-client.ts';
import type { SocketClient } from '../clients/socket-client.ts';
import type { StreamPool } from '../streams/stream-pool.ts';
import type { StreamMetrics } from '../stream-metrics.ts';
import { parseQuery, streamPathOf } from './parse-request.ts';
import { requireCredential } from './require-credential.ts';

const messageMaxBytes = 8 * 1024;
const checkIntervalMs = 15_000;

/** The WebSocket of a camera's stream, for control-api. */
export type StreamUpgrade = {
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes every connection with 1001, so that clients reconnect. */
  close(): Promise<void>;
};

export function createStreamUpgrade(dependencies: {
  secret: string;
  refusals: Refusals;
  defaultQuality: JpegQuality;
  pool: StreamPool;
  clients: ClientSlots;
  metrics: StreamMetrics;
  clock: Pick<Clock, 'now'>;
}): StreamUpgrade {
  const clients = new Set<SocketClient>();
  const server = new WebSocketServer({ ...jpegSocketOptions, maxPayload: messageMaxBytes });
  const checking = setInterval(() => clients.forEach((client) => client.checkAlive()), checkIntervalMs);
  checking.unref();

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    requireCredential(request, dependencies);
    const url = new URL(request.url ?? '', 'http://localhost');
    const cameraId = streamPathOf(url.pathname);
    const query = parseQuery(jpegOperations.followJpeg.query, Object.fromEntries(url.searchParams));
    const leave = dependencies.clients.join('websocket');
    socket.once('close', leave);
    let pending: ReturnType<typeof createSocketClient>;
    try {
      pending = createSocketClient(
        { cameraId, quality: query.quality ?? dependencies.defaultQuality },
        dependencies,
      );
    } catch (error) {
      leave();
      throw error;
    }
    socket.once('close', pending.cancel);
    server.handleUpgrade(request, socket, head, (webSocket) => {
      const client = pending.accept(webSocket);
      clients.add(client);
      webSocket.on('close', () => clients.delete(client));
    });
  }

  return {
    onUpgrade(request, socket, head) {
      try {
        upgrade(request, socket, head);
      } catch (error) {
        if (error instanceof CamplaneError && error.kind === 'stream-limit') {
          dependencies.metrics.refused.inc();
        }
        refuseUpgrade(
          socket,
          error instanceof CamplaneError
            ? error
            : new CamplaneError('internal', 'Internal error', { cause: error }),
        );
      }
    },
    async close() {
      clearInterval(checking);
      for (const client of clients) client.close(1001, 'the server is stopping');
      await closeWebSocketServer(server);
    },
  };
}
