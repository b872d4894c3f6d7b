import { CamplaneError } from '@camplane/contracts/problem';
import { cameraStatusTopic } from '@camplane/contracts/topics';
import type { EventBus } from '@camplane/event-bus/event-bus';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { createHealth } from '@camplane/service-kit/health';
import type { Health } from '@camplane/service-kit/health';
import { listen } from '@camplane/service-kit/http-server';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import { createRefusals } from '@camplane/service-kit/refusals';
import type { Express } from 'express';
import { randomUUID } from 'node:crypto';
import type { Access } from './access/access.ts';
import { createLocalAccess } from './access/local-access.ts';
import type { LocalAccess } from './access/local-access.ts';
import { createTrustedProxies } from './access/trusted-proxies.ts';
import type { TrustedProxies } from './access/trusted-proxies.ts';
import { requireLoopback } from './access/require-loopback.ts';
import { cameraHandlers } from './cameras/camera-handlers.ts';
import type { CameraRegistry } from './cameras/registry.ts';
import { openRegistry } from './cameras/open-registry.ts';
import type { Cluster, OpenRegistry } from './cameras/open-registry.ts';
import { defaultLimits } from './config.ts';
import type { ControlApiConfig, Limits } from './config.ts';
import { createDetections } from './detections/detections.ts';
import type { Detections } from './detections/detections.ts';
import { createEventServer } from './events/event-server.ts';
import type { EventServer } from './events/event-server.ts';
import { infoHandlers } from './http/info-handlers.ts';
import { createOriginPolicy } from './http/origin-policy.ts';
import type { GuardDeps } from './http/operation-guard.ts';
import type { OriginPolicy } from './http/origin-policy.ts';
import { upgradeRouter } from './http/upgrade-router.ts';
import { createWebApp } from './http/web-app.ts';
import { jpegHandlers } from './jpeg/jpeg-handlers.ts';
import { createJpegSockets } from './jpeg/jpeg-sockets.ts';
import type { JpegSockets } from './jpeg/jpeg-sockets.ts';
import { createStreamProxyClient } from './jpeg/stream-proxy-client.ts';
import { createLiveSockets } from './live/live-sockets.ts';
import type { LiveSockets } from './live/live-sockets.ts';
import { createViewings } from './jpeg/viewings.ts';
import type { Viewings } from './jpeg/viewings.ts';
import { createCameraServiceClient } from './snapshots/camera-service-client.ts';
import { snapshotHandlers } from './snapshots/snapshot-handlers.ts';
import { createMedia } from './media/media.ts';
import type { Media } from './media/media.ts';
import { createStatusBoard } from './status/status-board.ts';
import type { StatusBoard } from './status/status-board.ts';
import { statusHandlers } from './status/status-handlers.ts';
import { streamHandlers } from './streams/stream-handlers.ts';
import { openConfiguredStore } from './store/open-configured-store.ts';
import type { Store } from './store/store.ts';

/** Every camera is checked once per second, in steps. */
const sweepIntervalMs = 50;

export type ControlApi = {
  access: Access;
  /** Decides who may read a camera's video, for MediaMTX's auth hook. */
  gate: Media['gate'];
  /** See `LocalAccess.welcomeToken`. */
  welcomeToken(): string | null;
  /** Usable once `start` has resolved; throws `store-unavailable` while the database or the cluster is unavailable. */
  registry: CameraRegistry;
  /** @throws StartupError if the port or the database folder is in use, or the database refuses the connection */
  start(): Promise<{ url: string; port: number }>;
  /** Idempotent, and callable after a failed start. */
  stop(): Promise<void>;
  health: Health;
};

export type ControlApiDeps = {
  bus: EventBus;
  /** Whether unacknowledged messages survive this process: true for a broker, false for the bus in memory. */
  busKeepsMessages?: boolean;
  log: Logger;
  clock: Pick<Clock, 'now'>;
  wallClock: WallClock;
  metrics: Metrics;
  /** Keeps cameras as `Camera` resources instead of in the database. */
  cluster?: Cluster;
  /** Aborts a start in progress. */
  signal?: AbortSignal;
  /** Gets the readiness checks; a new one by default. */
  health?: Health;
};

/** The HTTP and WebSocket API: cameras, status, events, snapshots, detections and the dashboard. */
export function createControlApi(config: ControlApiConfig, deps: ControlApiDeps): ControlApi {
  const { log, health = createHealth() } = deps;
  const limits = { ...defaultLimits, ...config.limits };
  const storeSlot = createStoreSlot();
  const parts = composeParts(config, { ...deps, health, limits, store: storeSlot });
  const closers: (() => Promise<void> | void)[] = [];

  let socketsClosed: Promise<unknown> | undefined;
  const stop = async (): Promise<void> => {
    // First, so that clients get the reason before the server closes their connections.
    await (socketsClosed ??= Promise.all([parts.events.close(), parts.jpeg.close(), parts.live.close()]));
    parts.viewings.stop();
    for (let close = closers.pop(); close; close = closers.pop()) {
      try {
        await close();
      } catch (error) {
        log.warn({ err: error }, 'shutdown step failed, continuing');
      }
    }
  };

  return {
    access: parts.access.access,
    gate: parts.media.gate,
    welcomeToken: parts.access.welcomeToken,
    registry: parts.cameras.registry,
    health,
    stop,
    start: async () => {
      try {
        if (config.auth === 'none') requireLoopback('HTTP_HOST', config.host);
        return await startParts(parts, { config, deps, health, limits, storeSlot, closers });
      } catch (error) {
        await stop();
        throw error;
      }
    },
  };
}

/** The store, which is opened during the start. Until then every query fails with `store-unavailable`. */
type StoreSlot = Pick<Store, 'use'> & { current: Store | undefined };

function createStoreSlot(): StoreSlot {
  const slot: StoreSlot = {
    current: undefined,
    use: (query) =>
      slot.current
        ? slot.current.use(query)
        : Promise.reject(new CamplaneError('store-unavailable', 'The database is not open')),
  };
  return slot;
}

type Parts = {
  access: LocalAccess;
  media: Media;
  cameras: OpenRegistry;
  board: StatusBoard;
  events: EventServer;
  detections: Detections;
  originPolicy: OriginPolicy;
  proxies: TrustedProxies;
  webApp: Express;
  jpeg: JpegSockets;
  live: LiveSockets;
  viewings: Viewings;
  guard: GuardDeps;
};

function composeParts(
  config: ControlApiConfig,
  deps: ControlApiDeps & { health: Health; limits: Limits; store: Pick<Store, 'use'> },
): Parts {
  const { bus, log, clock, wallClock, metrics, health, limits, store } = deps;
  const cameras = openRegistry({
    cluster: deps.cluster,
    store,
    credentials: config,
    maxCameras: config.maxCameras,
    now: () => new Date(wallClock.epochMs()),
    log,
  });
  const proxies = createTrustedProxies(config.trustedProxies ?? [], config.forwardedHeader);
  const access = createLocalAccess(config, { store, proxies, clock, wallClock, log, metrics });
  const { registry } = cameras;
  const board = createStatusBoard({ clock, wallClock }, cameras.observed);
  registry.subscribe((change) => board.changed(change));
  cameras.onObserved((id) => board.refresh(id));
  metrics.gauge({
    name: 'camplane_control_cameras',
    help: 'Registered cameras',
    collect() {
      this.set(board.all().length);
    },
  });
  const events = createEventServer({
    board,
    access: access.access,
    metrics,
    clock,
    wallClock,
    clientsMax: limits.eventClientsMax,
    messageMaxBytes: limits.eventMessageMaxBytes,
    backlogMaxBytes: limits.eventBacklogMaxBytes,
    pingIntervalMs: limits.eventPingIntervalMs,
  });
  const shared = { limits, metrics, log };
  const detections = createDetections(config, {
    ...shared,
    bus,
    busKeepsMessages: deps.busKeepsMessages ?? false,
    store,
    events,
    cameras: board,
    clock,
    wallClock,
  });
  const cameraService = createCameraServiceClient({
    baseUrl: config.cameraServiceUrl,
    passwords: config.cameraServicePasswords ?? [],
    ...(config.cameraUrl === undefined ? {} : { cameraUrl: config.cameraUrl }),
    ...limits,
  });
  const { publicUrl, allowedOrigins } = config;
  const originPolicy = createOriginPolicy({
    ...config,
    allowedOrigins: publicUrl === undefined ? allowedOrigins : [...allowedOrigins, publicUrl],
  });
  const refusals = createRefusals({ log, metrics, clock });
  const media = createMedia(
    { media: { apiUrls: [] }, ...config },
    { ...deps, refusals, store, access: access.access, cameras: board },
  );
  const cameraOperations = cameraHandlers({ registry, board, stopWaitMs: limits.stopWaitMs });
  const streamProxy = createStreamProxyClient(config.streamProxy, clock);
  const viewings = createViewings({ access: access.access, cameras: board });
  const jpeg = createJpegSockets({ streamProxy, viewings, tickets: media.viewers, cameras: board });
  const live = createLiveSockets({
    ...{ streamProxy, viewings, tickets: media.viewers, access: access.access, clock, metrics },
    clientsMax: limits.liveClientsMax,
  });
  const guard = {
    access: access.access,
    cameras: board,
    originOfDetection: detections.originOf,
    viewers: media.viewers,
  };
  const webApp = createWebApp({
    handlers: {
      ...cameraOperations,
      ...streamHandlers({ registry, board, deleteCamera: cameraOperations.deleteCamera }),
      ...statusHandlers({ registry, board }),
      ...snapshotHandlers({ registry, board, cameraService }),
      ...detections.handlers,
      ...infoHandlers(config, limits),
      ...access.handlers,
      ...media.handlers,
      ...jpegHandlers({ streamProxy, viewings, cameras: board }),
    },
    guard,
    ...shared,
    originPolicy,
    proxies,
    metricsAccess: config.metrics ?? {},
    refusals,
    health,
    mediaOrigins: config.mediaOrigins,
    dashboardDir: config.dashboardDir,
  });
  const http = { originPolicy, proxies, webApp };
  return { access, media, cameras, board, events, detections, jpeg, live, viewings, guard, ...http };
}

/** Starts the parts in order and adds to `closers` what stops them. */
async function startParts(
  {
    access,
    media,
    cameras,
    board,
    events,
    detections,
    originPolicy,
    proxies,
    webApp,
    jpeg,
    live,
    guard,
  }: Parts,
  context: {
    config: ControlApiConfig;
    deps: Pick<ControlApiDeps, 'bus' | 'log' | 'signal'>;
    health: Health;
    limits: Limits;
    storeSlot: StoreSlot;
    closers: (() => Promise<void> | void)[];
  },
): Promise<{ url: string; port: number }> {
  const { config, health, limits, storeSlot, closers } = context;
  const { bus, log, signal } = context.deps;

  let hasRead = false;
  const resync = async (): Promise<void> => {
    try {
      await cameras.resync();
      hasRead = true;
    } catch (error) {
      log.debug({ err: error }, 'resync of cameras failed, will retry');
    }
  };
  const every = (intervalMs: number, task: () => unknown): void => {
    const timer = setInterval(task, intervalMs);
    timer.unref();
    closers.push(() => clearInterval(timer));
  };

  closers.push(
    health.add({
      name: 'database',
      check: () => {
        const reason = storeSlot.current ? storeSlot.current.notReady() : 'the database is not open';
        return reason === undefined ? { ok: true } : { ok: false, reason };
      },
    }),
  );
  cameras.prepare();
  const store = await openConfiguredStore(config, log, () => void resync(), signal);
  storeSlot.current = store;
  closers.push(() => store.close());
  await access.start();
  closers.push(() => access.stop());
  closers.push(() => media.stop());
  await media.start(() => hasRead && (cameras.check === undefined || cameras.check().ok));
  if (cameras.check) closers.push(health.add({ name: 'cameras', check: cameras.check }));
  closers.push(cameras.run());
  await resync();
  // A separate group: each replica receives the status of every camera.
  const group = `control-api-status-${randomUUID()}`;
  const subscription = await bus.subscribe(cameraStatusTopic, { group, fromBeginning: true }, (message) => {
    board.receive(message.value);
  });
  closers.push(() => subscription.close());
  closers.push(() => detections.stop());
  await detections.start();
  every(sweepIntervalMs, () => board.sweep(sweepIntervalMs / 1000));
  every(limits.resyncIntervalMs, resync);
  const server = await listen(webApp, {
    host: config.host,
    port: config.port,
    portVariable: 'HTTP_PORT',
    ...(config.tls ? { tls: { ...config.tls, log } } : {}),
    onUpgrade: upgradeRouter(
      {
        followEvents: events.onUpgrade,
        followJpeg: jpeg.onUpgrade,
        followCameras: live.onUpgrade,
      },
      originPolicy,
      { ...guard, proxies },
    ),
  });
  closers.push(() => server.close());
  return { url: server.url, port: server.port };
}
