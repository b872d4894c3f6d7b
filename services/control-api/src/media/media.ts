import type { Ticket } from '@camplane/contracts/access';
import { CamplaneError } from '@camplane/contracts/problem';
import { openGate } from '@camplane/mediamtx/reader-gate';
import type { ReaderGate } from '@camplane/mediamtx/reader-gate';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { isLoopback } from '@camplane/runtime/loopback';
import { listen } from '@camplane/service-kit/http-server';
import type { HttpServer } from '@camplane/service-kit/http-server';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import type { Refusals } from '@camplane/service-kit/refusals';
import type { Access } from '../access/access.ts';
import { authorize } from '../access/authorize.ts';
import { createPeriodicTask } from '../access/periodic-task.ts';
import type { Principal } from '../access/principal.ts';
import type { ControlApiConfig } from '../config.ts';
import { cameraNotFound } from '../cameras/camera-not-found.ts';
import type { Handlers } from '../http/api-router.ts';
import { createMediaGate } from './media-gate.ts';
import type { MediaConfig } from './media-config.ts';
import { mediaHook } from './media-hook.ts';
import { createMediaServers } from './media-servers.ts';
import { createMediaSessionRecords } from './media-session-records.ts';
import type { MediaSessionRecords } from './media-session-records.ts';
import { createMediaSessionTable } from './media-session-table.ts';
import { createMediaSessions } from './media-sessions.ts';
import type { MediaSessions } from './media-sessions.ts';
import { createSpentTickets } from './spent-tickets.ts';
import { withStreamProxy } from './stream-proxy-gate.ts';
import { createStreamTickets } from './stream-tickets.ts';
import type { StreamTickets, TicketClaims, TicketUse } from './stream-tickets.ts';
import { loadTicketSecret } from './ticket-secret.ts';
import type { Store } from '../store/store.ts';
import { within } from '../within.ts';
import { createViewerTickets } from './viewer-tickets.ts';
import type { ViewerTickets } from './viewer-tickets.ts';
import { webrtcHandlers } from './webrtc-handlers.ts';
import type { WebrtcOperation } from './webrtc-handlers.ts';
import { webrtcServers } from './webrtc-servers.ts';
import { createWebrtcSessionIds } from './webrtc-session-ids.ts';
import type { WebrtcSessionIds } from './webrtc-session-ids.ts';
import { createWebrtcSessions } from './webrtc-sessions.ts';
import type { StatusBoard } from '../status/status-board.ts';

/** Access to video: tickets, the decision about readers, and the end of their sessions. */
export type Media = {
  /** For MediaMTX's auth hook. Admits everybody if access control is off. Refuses tickets before `start`. */
  gate: ReaderGate;
  handlers: Pick<Handlers, 'createTicket' | WebrtcOperation>;
  /** Viewers that present a ticket to the API. */
  viewers: ViewerTickets;
  /** @param knowsCameras whether the cameras were read: before that, no session ends with its camera */
  start(knowsCameras: () => boolean): Promise<void>;
  stop(): Promise<void>;
};

const checkIntervalMs = 500;
const sweepIntervalMs = 10_000;
const syncIntervalMs = 1_000;
const stopMaxMs = 1_000;

type Config = Pick<ControlApiConfig, 'auth' | 'dataDir' | 'host' | 'streamProxy'> & { media: MediaConfig };

export function createMedia(
  config: Config,
  deps: {
    access: Access;
    store: Pick<Store, 'use'>;
    cameras: Pick<StatusBoard, 'identity' | 'get'>;
    clock: Pick<Clock, 'now'>;
    wallClock: WallClock;
    metrics: Metrics;
    refusals: Refusals;
    log: Logger;
  },
): Media {
  const { access, wallClock, metrics, log } = deps;
  const { hookPort, apiUrls, apiPassword = null } = config.media;
  let tickets: StreamTickets | null = null;
  let webrtcIds: WebrtcSessionIds | null = null;
  const spent = createSpentTickets(wallClock);
  // On one machine MediaMTX, and so each session, ends with this process.
  const records =
    hookPort === undefined
      ? undefined
      : createMediaSessionRecords({
          table: createMediaSessionTable(deps.store),
          onRead: (session) => {
            sessions.restore(session);
            if (session.ticket) spent.learn(session.ticket, session);
          },
        });
  const sessions: MediaSessions = createMediaSessions({
    ...deps,
    ...(records ? { records } : {}),
    servers: createMediaServers({ urls: apiUrls, password: apiPassword }),
  });
  metrics.gauge({
    name: 'camplane_control_media_sessions',
    help: 'Video sessions that readers opened with a ticket or an API token',
    collect() {
      this.set(sessions.count());
    },
  });
  const verifier: Pick<StreamTickets, 'verify'> = {
    verify: (ticket) => tickets?.verify(ticket) ?? 'Camplane is starting',
  };
  const isOpen = config.auth === 'none';
  const gate = isOpen ? openGate : createMediaGate({ ...deps, sessions, spent, tickets: verifier });
  const viewers = createViewerTickets({ access, spent, tickets: isOpen ? null : verifier });
  const closers: (() => Promise<void> | void)[] = [];
  const every = (intervalMs: number, task: () => unknown): void => {
    const timer = setInterval(task, intervalMs);
    timer.unref();
    closers.push(() => clearInterval(timer));
  };
  const sweep = (): Promise<void> =>
    sessions.sweep().catch((error: unknown) => {
      log.debug({ err: error }, 'listing video sessions failed, will retry');
    });

  const issue = (use: TicketUse, cameraId: string, principal: Principal): Promise<Ticket> =>
    requireStarted(tickets).issue({ use, cameraId, ...ticketHolder(principal) });
  const webrtc = createWebrtcSessions({
    servers: webrtcServers(config.media),
    // MediaMTX's hook checks it like that of any reader, so that the session ends with the right to it.
    ticketOf: async ({ cameraId, principal }) =>
      config.auth === 'none' ? null : (await issue('header', cameraId, principal)).ticket,
    ids: () => requireStarted(webrtcIds),
    statusOf: (id) => deps.cameras.get(id),
    wallClock,
  });

  return {
    gate,
    viewers,
    handlers: {
      async createTicket({ id, body, principal }) {
        const camera = deps.cameras.identity(id);
        if (!camera || !authorize(principal, 'camera.view', camera)) throw cameraNotFound(id);
        return { answer: await issue(body.use, id, principal) };
      },
      ...webrtcHandlers({ sessions: webrtc, cameras: deps.cameras }),
    },
    async start(knowsCameras) {
      const secret = loadTicketSecret({ ...config.media, dataDir: config.dataDir });
      tickets = createStreamTickets(secret, wallClock);
      webrtcIds = createWebrtcSessionIds(secret);
      let isSettled = false;
      // Before users and cameras are read, no right is known, and a restart would end every session.
      const check = (): void => {
        isSettled ||= access.isLoaded() && knowsCameras();
        if (isSettled) sessions.check();
      };
      if (records) closers.push(await startSync(records, log));
      closers.push(access.onChange(check));
      every(checkIntervalMs, check);
      every(sweepIntervalMs, sweep);
      if (hookPort === undefined) return;
      const edgeGate = withStreamProxy(gate, config.streamProxy?.secret, deps);
      const server = await listenForEdges(edgeGate, { ...config.media, host: config.host, hookPort }, deps);
      closers.push(() => server.close());
    },
    async stop() {
      for (let close = closers.pop(); close; close = closers.pop()) await close();
    },
  };
}

function ticketHolder(principal: Principal): Pick<TicketClaims, 'userId' | 'credential'> {
  if (principal.kind === 'user') return { userId: principal.userId, credential: principal.credential };
  // Without access control every ticket is accepted, and with it none of these.
  return { userId: '', credential: { kind: 'session', id: '' } };
}

/** Returns what stops it. */
async function startSync(
  records: MediaSessionRecords,
  log: Pick<Logger, 'debug'>,
): Promise<() => Promise<void>> {
  const syncing = createPeriodicTask(syncIntervalMs, () =>
    records.sync().catch((error: unknown) => {
      log.debug({ err: error }, 'storing video sessions failed, will retry');
    }),
  );
  await syncing.start();
  return () => within(syncing.stop(), stopMaxMs);
}

async function listenForEdges(
  gate: ReaderGate,
  config: Pick<MediaConfig, 'apiPassword' | 'hookPassword'> & { host: string; hookPort: number },
  { refusals, log }: { refusals: Refusals; log: Logger },
): Promise<HttpServer> {
  const { host, hookPort, apiPassword = null, hookPassword = null } = config;
  if (hookPassword === null && !isLoopback(host)) {
    log.warn(
      'the auth hook admits every caller: set MEDIA_HOOK_PASSWORD, here and in authHTTPAddress of edges',
    );
  }
  const hook = mediaHook({ gate, apiPassword, hookPassword, refusals, log });
  return listen(hook, { host, port: hookPort, portVariable: 'MEDIA_HOOK_PORT' });
}

function requireStarted<T>(part: T | null): T {
  if (part === null) throw new CamplaneError('service-unavailable', 'Camplane is starting');
  return part;
}
