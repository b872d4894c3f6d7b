import { CamplaneError } from '@camplane/contracts/problem';
import type { Clock } from '@camplane/runtime/clock';
import { closeWebSocketServer } from '@camplane/service-kit/close-web-socket-server';
import { jpegSocketOptions } from '@camplane/service-kit/jpeg-socket-options';
import type { Metrics } from '@camplane/service-kit/metrics';
import { jpegCloseCodes } from '@camplane/contracts/jpeg-stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Access } from '../access/access.ts';
import type { Principal } from '../access/principal.ts';
import type { UpgradeHandlers } from '../http/upgrade-router.ts';
import { createFirstMessages, refuseViewer } from '../jpeg/first-message.ts';
import { closeSocket } from '../jpeg/relay-sockets.ts';
import type { StreamProxyClient } from '../jpeg/stream-proxy-client.ts';
import type { Viewings } from '../jpeg/viewings.ts';
import type { ViewerTickets } from '../media/viewer-tickets.ts';
import { serveLiveClient } from './live-client.ts';
import type { LiveClient } from './live-client.ts';
import { createLiveMetrics } from './live-metrics.ts';
import { createLiveStreams } from './live-streams.ts';

const messageMaxBytes = 8 * 1024;
const aliveIntervalMs = 15_000;
/** stream-proxy pings a silent connection every 15 s. */
const silentMaxMs = 40_000;
const credentialIntervalMs = 500;

/** The `followCameras` WebSocket: live JPEG of many cameras. */
export type LiveSockets = {
  onUpgrade: UpgradeHandlers['followCameras'];
  /** Closes every connection with 1001, so that clients reconnect later. */
  close(): Promise<void>;
};

type Call = Parameters<UpgradeHandlers['followCameras']>[0];

export function createLiveSockets(deps: {
  streamProxy: Pick<StreamProxyClient, 'connect'>;
  viewings: Pick<Viewings, 'watch'>;
  tickets: Pick<ViewerTickets, 'ofToken'>;
  access: Pick<Access, 'refresh'>;
  clock: Pick<Clock, 'now'>;
  metrics: Metrics;
  clientsMax: number;
}): LiveSockets {
  const metrics = createLiveMetrics(deps.metrics);
  const streams = createLiveStreams(deps);
  const firstMessages = createFirstMessages();
  const clients = new Map<LiveClient, { socket: WebSocket; principal: Principal }>();
  const server = new WebSocketServer({ ...jpegSocketOptions, maxPayload: messageMaxBytes });

  function serve(socket: WebSocket, principal: Principal, call: Call): void {
    const client = serveLiveClient(
      socket,
      {
        require(cameraId) {
          const current = deps.access.refresh(principal);
          if (!current) throw new CamplaneError('unauthenticated', 'The session or API token has ended');
          call.authorizeCamera(current, cameraId);
        },
        watch: (cameraId, end) => deps.viewings.watch(principal, cameraId, end),
      },
      { streams, clock: deps.clock, metrics },
    );
    clients.set(client, { socket, principal });
    metrics.clients.set(clients.size);
    socket.on('close', () => {
      clients.delete(client);
      metrics.clients.set(clients.size);
    });
  }

  function checkCredentials(): void {
    for (const { socket, principal } of clients.values()) {
      if (deps.access.refresh(principal) === null)
        closeSocket(socket, jpegCloseCodes.unauthenticated, 'signed out');
    }
  }

  const timers = [
    setInterval(() => clients.forEach((_, client) => client.checkAlive()), aliveIntervalMs),
    setInterval(() => streams.checkAlive(), silentMaxMs),
    setInterval(checkCredentials, credentialIntervalMs),
  ];
  timers.forEach((timer) => timer.unref());

  return {
    onUpgrade(call) {
      if (server.clients.size >= deps.clientsMax) {
        throw new CamplaneError(
          'too-many-requests',
          `The limit of ${deps.clientsMax} clients is reached: close one, then connect again`,
        );
      }
      const isAnonymous = call.principal.kind === 'anonymous';
      if (isAnonymous) firstMessages.requireRoom();
      server.handleUpgrade(call.request, call.socket, call.head, (socket) => {
        socket.on('error', () => {}); // `close` follows.
        if (!isAnonymous) return serve(socket, call.principal, call);
        firstMessages
          .principalOf(socket, (token) => deps.tickets.ofToken(token))
          .then(async ({ principal, resume }) => {
            await call.authorize(principal);
            serve(socket, principal, call);
            resume();
          })
          .catch((error: unknown) => refuseViewer(socket, error));
      });
    },
    async close() {
      timers.forEach((timer) => clearInterval(timer));
      for (const socket of server.clients) closeSocket(socket, 1001, 'the server is stopping');
      await closeWebSocketServer(server);
    },
  };
}
