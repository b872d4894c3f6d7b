import { CamplaneError } from '@camplane/contracts/problem';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import type { Metrics } from '@camplane/service-kit/metrics';
import { WebSocketServer } from 'ws';
import type { UpgradeHandlers } from '../http/upgrade-router.ts';
import type { StatusBoard, StatusNews } from '../status/status-board.ts';
import { createEventClient } from './event-client.ts';
import type { EventBody, EventClient } from './event-client.ts';

/** The `followEvents` WebSocket: camera status as it changes, heartbeats and detections. */
export type EventServer = {
  onUpgrade: UpgradeHandlers['followEvents'];
  /** Tells every client that listens to the event's camera. */
  tell(event: EventBody): void;
  /** Tells clients to come back later, then ends their connections. */
  close(): Promise<void>;
};

export function createEventServer(deps: {
  board: StatusBoard;
  metrics: Metrics;
  clock: Pick<Clock, 'now'>;
  wallClock: WallClock;
  clientsMax: number;
  messageMaxBytes: number;
  backlogMaxBytes: number;
  pingIntervalMs: number;
}): EventServer {
  const { board, clock, wallClock } = deps;
  const clients = new Set<EventClient>();
  const connected = deps.metrics.gauge({
    name: 'camplane_event_clients',
    help: 'Clients that follow events over WebSocket',
  });
  const dropped = deps.metrics.counter({
    name: 'camplane_event_clients_dropped_total',
    help: 'Event clients that were disconnected, by reason',
    labelNames: ['reason'],
  });
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: deps.messageMaxBytes,
    // Compression costs memory for each client, and the messages are small.
    perMessageDeflate: false,
    // Answering pings is ours to bound: see `event-client.ts`.
    autoPong: false,
    clientTracking: true,
  });

  const tell = (event: EventBody): void => {
    for (const client of clients) client.tell(event);
  };

  const tellNews = (news: StatusNews): void => {
    const event =
      news.type === 'removed'
        ? ({ type: 'stream:removed', cameraId: news.cameraId } as const)
        : ({ type: `stream:${news.type}`, cameraId: news.status.cameraId, status: news.status } as const);
    tell(event);
  };

  const unsubscribe = board.subscribe(tellNews);
  const pinging = setInterval(() => clients.forEach((client) => client.checkAlive()), deps.pingIntervalMs);
  pinging.unref();

  return {
    tell,
    onUpgrade: ({ query, request, socket, head }) => {
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
          statuses: board,
          onDropped: (reason) => dropped.inc({ reason }),
        });
        clients.add(client);
        connected.set(clients.size);
        webSocket.on('error', () => {}); // A `close` follows, with the code of what went wrong.
        webSocket.on('close', () => {
          clients.delete(client);
          connected.set(clients.size);
        });
        client.tellStatuses();
      });
    },
    close: async () => {
      clearInterval(pinging);
      unsubscribe();
      for (const client of clients) client.close(1001, 'the server is stopping');
      await new Promise<void>((resolve) => {
        const deadline = setTimeout(() => server.clients.forEach((client) => client.terminate()), 500);
        server.close(() => {
          clearTimeout(deadline);
          resolve();
        });
      });
    },
  };
}
