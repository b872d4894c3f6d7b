import { CamplaneError } from '@camplane/contracts/problem';
import { openGate } from '@camplane/mediamtx/reader-gate';
import type { ReaderGate } from '@camplane/mediamtx/reader-gate';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { listen } from '@camplane/service-kit/http-server';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import type { Access } from '../access/access.ts';
import { authorize } from '../access/authorize.ts';
import type { CameraIdentity } from '../access/authorize.ts';
import { cameraNotFound } from '../cameras/camera-not-found.ts';
import type { Handlers } from '../http/api-router.ts';
import { createMediaGate } from './media-gate.ts';
import type { MediaConfig } from './media-config.ts';
import { mediaHook } from './media-hook.ts';
import { createMediaServers } from './media-servers.ts';
import { createMediaSessions } from './media-sessions.ts';
import { createStreamTickets } from './stream-tickets.ts';
import type { StreamTickets } from './stream-tickets.ts';
import { loadTicketSecret } from './ticket-secret.ts';

/** Access to video: tickets, the decision about readers, and the end of their sessions. */
export type Media = {
  /** For MediaMTX's auth hook. Admits everybody if access control is off. Refuses tickets before `start`. */
  gate: ReaderGate;
  handlers: Pick<Handlers, 'createTicket'>;
  start(): Promise<void>;
  stop(): Promise<void>;
};

const checkIntervalMs = 500;
const sweepIntervalMs = 10_000;

export function createMedia(
  config: { auth: 'local' | 'none'; dataDir: string; host: string; media: MediaConfig },
  deps: {
    access: Access;
    cameras: { identity(id: string): CameraIdentity | undefined };
    clock: Pick<Clock, 'now'>;
    wallClock: WallClock;
    metrics: Metrics;
    log: Logger;
  },
): Media {
  const { access, wallClock, metrics, log } = deps;
  const { hookPort, apiUrls, apiPassword = null } = config.media;
  let tickets: StreamTickets | null = null;
  const sessions = createMediaSessions({
    ...deps,
    servers: createMediaServers({ urls: apiUrls, password: apiPassword }),
  });
  metrics.gauge({
    name: 'camplane_control_media_sessions',
    help: 'Video sessions that readers opened with a ticket or an API token',
    collect() {
      this.set(sessions.count());
    },
  });
  const gate =
    config.auth === 'none'
      ? openGate
      : createMediaGate({
          ...deps,
          sessions,
          tickets: { verify: (ticket) => tickets?.verify(ticket) ?? 'Camplane is starting' },
        });
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

  return {
    gate,
    handlers: {
      async createTicket({ id, body, principal }) {
        const camera = deps.cameras.identity(id);
        if (!camera || !authorize(principal, 'camera.view', camera)) throw cameraNotFound(id);
        if (!tickets) throw new CamplaneError('service-unavailable', 'Camplane is starting');
        // Without access control every ticket is accepted, and with it none of these.
        const holder =
          principal.kind === 'user'
            ? { userId: principal.userId, credential: principal.credential }
            : { userId: '', credential: { kind: 'session', id: '' } as const };
        return { answer: await tickets.issue({ use: body.use, cameraId: id, ...holder }) };
      },
    },
    async start() {
      tickets = createStreamTickets(
        await loadTicketSecret({ ...config.media, dataDir: config.dataDir }),
        wallClock,
      );
      closers.push(access.onChange(() => sessions.check()));
      every(checkIntervalMs, () => sessions.check());
      every(sweepIntervalMs, sweep);
      if (hookPort === undefined) return;
      const server = await listen(mediaHook({ gate, apiPassword, log }), {
        ...{ host: config.host, port: hookPort, portVariable: 'MEDIA_HOOK_PORT' },
      });
      closers.push(() => server.close());
    },
    async stop() {
      for (let close = closers.pop(); close; close = closers.pop()) await close();
    },
  };
}
