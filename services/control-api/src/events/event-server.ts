import { CamplaneError } from '@camplane/contracts/problem';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { closeWebSocketServer } from '@camplane/service-kit/close-web-socket-server';
import type { Metrics } from '@camplane/service-kit/metrics';
import { WebSocketServer } from 'ws';
import type { UpgradeHandlers } from '../http/upgrade-router.ts';
import type { StatusBoard, StatusEvent } from '../status/status-board.ts';
import type { Access } from '../access/access.ts';
import { createEventClient } from './event-client.ts';
import type { EventClient } from './event-client.ts';
import { createEventRights } from './event-rights.ts';
import type { EventBody } from './event-socket.ts';

const credentialCheckIntervalMs = 1000;

/** The `followEvents` WebSocket: camera status as it changes, heartbeats and detections. */
export type EventServer = {
  onUpgrade: UpgradeHandlers['followEvents'];
  /** Sends an event to every client that follows its camera. */
  publish(event: EventBody): void;
  /** Closes every connection with 1001, so that clients reconnect later. */
  close(): Promise<void>;
};

export function createEventServer(deps: {
  board: StatusBoard;
  access: Pick<Access, 'refresh' | 'onChange'>;
  metrics: Metrics;
  clock: Pick<Clock, 'now'>;
  wallClock: WallClock;
  clientsMax: number;
  messageMaxBytes: number;
  backlogMaxBytes: number;
  pingIntervalMs: number;
}): EventServer {
  const { board, access, clock, wallClock } = deps;
  const clients = new Set<EventClient>();
  const connected = deps.metrics.gauge({
    name: 'camplane_event_clients',
    help: 'Connected WebSocket clients',
  });
  const dropped = deps.metrics.counter({
    name: 'camplane_event_clients_dropped_total',
    help: 'WebSocket clients disconnected by the server, by reason',
    labelNames: ['reason'],
  });
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: deps.messageMaxBytes,
    // Compression costs memory for each client, and messages are small.
    perMessageDeflate: false,
    // event-client.ts answers pings within its rate limit.
    autoPong: false,
    clientTracking: true,
  });

  const publish = (event: EventBody): void => {
    for (const client of clients) client.send(event);
  };

  const publishStatus = (event: StatusEvent): void => {
    if (event.type === 'removed') return publish({ type: 'stream:removed', cameraId: event.cameraId });
    const { type, status } = event;
    publish({ type: `stream:${type}`, cameraId: status.cameraId, status });
  };

  const unsubscribe = board.subscribe(publishStatus);
  const pinging = setInterval(() => clients.forEach((client) => client.checkAlive()), deps.pingIntervalMs);
  pinging.unref();
  const followRights = (): void => clients.forEach((client) => client.rightsChanged());
  const unfollow = [access.onChange(followRights), board.onRelabelled(followRights)];
  const checking = setInterval(
    () => clients.forEach((client) => client.checkCredential()),
    credentialCheckIntervalMs,
  );
  checking.unref();

  return {
    publish,
    onUpgrade: ({ query, principal, request, socket, head }) => {
      if (clients.size >= deps.clientsMax) {
        throw new CamplaneError(
          'too-many-requests',
          `The limit of ${deps.clientsMax} event clients is reached: close one, then connect again`,
        );
      }
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const client = createEventClient(webSocket, {
          cameraIds: query.cameraId ?? null,
          backlogMaxBytes: deps.backlogMaxBytes,
          clock,
          wallClock,
          rights: createEventRights(principal, { access, cameras: board }),
          statuses: board,
          onDropped: (reason) => dropped.inc({ reason }),
        });
        clients.add(client);
        connected.set(clients.size);
        webSocket.on('error', () => {}); // `close` follows.
        webSocket.on('close', () => {
          clients.delete(client);
          connected.set(clients.size);
        });
        client.sendStatuses();
      });
    },
    close: async () => {
      clearInterval(pinging);
      clearInterval(checking);
      unfollow.forEach((stop) => stop());
      unsubscribe();
      for (const client of clients) client.close(1001, 'the server is stopping');
      await closeWebSocketServer(server);
    },
  };
}
