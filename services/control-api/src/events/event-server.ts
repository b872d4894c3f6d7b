import { CamplaneError } from '@camplane/contracts/problem';
import type { Metrics } from '@camplane/service-kit/metrics';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { OriginPolicy } from '../http/origin-policy.ts';
import type { StatusBoard, StatusNews } from '../status/status-board.ts';
import { filterOfQuery } from './client-filter.ts';
import { createEventClient } from './event-client.ts';
import type { EventBody, EventClient } from './event-client.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';

export const eventsPath = '/api/v1/events';

/** `WS /api/v1/events`: the status of cameras, as it changes, and what is detected. */
export type EventServer = {
  /** For the HTTP server's `upgrade` event. */
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tells every client that listens to the event's camera. */
  tell(event: EventBody): void;
  /** Tells clients to come back later, then ends their connections. */
  close(): Promise<void>;
};

export function createEventServer(deps: {
  board: StatusBoard;
  originPolicy: OriginPolicy;
  metrics: Metrics;
  now: () => number;
  clientsMax: number;
  messageMaxBytes: number;
  backlogMaxBytes: number;
  pingIntervalMs: number;
}): EventServer {
  const { board, originPolicy, now } = deps;
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

  const refusalOf = (request: IncomingMessage): CamplaneError | undefined => {
    const { host, origin } = request.headers;
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== eventsPath) {
      return new CamplaneError('not-found', `There is no WebSocket here: use ${eventsPath}`);
    }
    const fetchSite = request.headers['sec-fetch-site'];
    const site = typeof fetchSite === 'string' ? fetchSite : undefined;
    if (!originPolicy.isHostAllowed(host) || !originPolicy.isOriginAllowed(origin, host, site)) {
      return new CamplaneError('cross-origin', 'Events are not sent to pages of other origins');
    }
    if (clients.size >= deps.clientsMax) {
      return new CamplaneError('too-many-requests', `${deps.clientsMax} clients follow events already`);
    }
    return undefined;
  };

  const unsubscribe = board.subscribe(tellNews);
  const pinging = setInterval(() => clients.forEach((client) => client.checkAlive()), deps.pingIntervalMs);
  pinging.unref();

  return {
    tell,
    onUpgrade: (request, socket, head) => {
      const url = URL.canParse(request.url ?? '', 'http://localhost')
        ? new URL(request.url ?? '', 'http://localhost')
        : undefined;
      const refusal = url ? refusalOf(request) : new CamplaneError('not-found', 'The address is not valid');
      if (refusal) return refuseUpgrade(socket, refusal);
      const filter = filterOfQuery(url?.search ?? '');
      if (!filter.ok) return refuseUpgrade(socket, new CamplaneError('invalid-query', filter.message));
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const client = createEventClient(webSocket, {
          cameraIds: filter.cameraIds,
          backlogMaxBytes: deps.backlogMaxBytes,
          now,
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
