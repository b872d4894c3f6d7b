import { CamplaneError } from '@camplane/contracts/problem';
import { cameraStatusTopic } from '@camplane/contracts/topics';
import type { EventBus } from '@camplane/event-bus/event-bus';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { createHealth } from '@camplane/service-kit/health';
import type { Health } from '@camplane/service-kit/health';
import { listen } from '@camplane/service-kit/http-server';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import { randomUUID } from 'node:crypto';
import { cameraHandlers } from './cameras/camera-handlers.ts';
import type { CameraRegistry } from './cameras/registry.ts';
import { openRegistry } from './cameras/open-registry.ts';
import type { Cluster } from './cameras/open-registry.ts';
import { defaultLimits } from './config.ts';
import type { ControlApiConfig } from './config.ts';
import { createDetections } from './detections/detections.ts';
import { createEventServer } from './events/event-server.ts';
import { infoHandlers } from './http/info-handlers.ts';
import { createOriginPolicy } from './http/origin-policy.ts';
import { upgradeRouter } from './http/upgrade-router.ts';
import { createWebApp } from './http/web-app.ts';
import { createCameraServiceClient } from './pictures/camera-service-client.ts';
import { pictureHandlers } from './pictures/picture-handlers.ts';
import { createStatusBoard } from './status/status-board.ts';
import { statusHandlers } from './status/status-handlers.ts';
import { openConfiguredStore } from './store/open-configured-store.ts';
import type { Store } from './store/store.ts';

/** All cameras are looked at once a second, a part at a time. */
const sweepIntervalMs = 50;

export type ControlApi = {
  /** Answers once `start` has resolved; until the database or the cluster does, with `store-unavailable`. */
  registry: CameraRegistry;
  /** @throws StartupError when the port or the database folder is taken, or the database refuses us */
  start(): Promise<{ url: string; port: number }>;
  /** Safe to call twice, and after a failed start. */
  stop(): Promise<void>;
  health: Health;
};

export type ControlApiDeps = {
  bus: EventBus;
  /** Whether the bus still has a message after this process dies: a broker does, the one in memory does not. */
  busKeepsMessages?: boolean;
  log: Logger;
  clock: Pick<Clock, 'now'>;
  wallClock: WallClock;
  metrics: Metrics;
  /** Where the cameras are kept as `Camera` resources; absent: in the database. */
  cluster?: Cluster;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
  /** Where its readiness checks are added; one of its own by default. */
  health?: Health;
};

/** The front of Camplane: cameras, their status, events, pictures and detections, and the dashboard. */
export function createControlApi(config: ControlApiConfig, deps: ControlApiDeps): ControlApi {
  const { bus, log, clock, wallClock, metrics, health = createHealth() } = deps;
  const limits = { ...defaultLimits, ...config.limits };
  let store: Store | undefined;
  const closers: (() => Promise<void> | void)[] = [];

  const openStore: Pick<Store, 'use'> = {
    use: (query) => {
      if (store) return store.use(query);
      return Promise.reject(new CamplaneError('store-unavailable', 'The database is not open'));
    },
  };
  const opened = openRegistry({
    cluster: deps.cluster,
    store: openStore,
    maxCameras: config.maxCameras,
    now: () => new Date(wallClock.epochMs()),
    log,
  });
  const { registry } = opened;
  const board = createStatusBoard({ clock, wallClock }, opened.observed);
  registry.subscribe((change) => board.changed(change));
  opened.onObserved((id) => board.lookAgain(id));
  metrics.gauge({
    name: 'camplane_control_cameras',
    help: 'Registered cameras',
    collect() {
      this.set(board.all().length);
    },
  });
  const originPolicy = createOriginPolicy(config);
  const cameraService = createCameraServiceClient({
    baseUrl: config.cameraServiceUrl,
    ...(config.cameraUrl === undefined ? {} : { cameraUrl: config.cameraUrl }),
    ...limits,
  });
  const events = createEventServer({
    board,
    metrics,
    clock,
    wallClock,
    clientsMax: limits.eventClientsMax,
    messageMaxBytes: limits.eventMessageMaxBytes,
    backlogMaxBytes: limits.eventBacklogMaxBytes,
    pingIntervalMs: limits.eventPingIntervalMs,
  });
  const detections = createDetections(config, {
    bus,
    busKeepsMessages: deps.busKeepsMessages ?? false,
    store: openStore,
    events,
    limits,
    log,
    metrics,
    clock,
    wallClock,
  });
  const webApp = createWebApp({
    handlers: {
      ...cameraHandlers({ registry, board, stopWaitMs: limits.stopWaitMs }),
      ...statusHandlers({ registry, board }),
      ...pictureHandlers({ registry, board, cameraService }),
      ...detections.handlers,
      ...infoHandlers(config.maxCameras, limits),
    },
    originPolicy,
    mediaOrigins: config.mediaOrigins,
    dashboardDir: config.dashboardDir,
    limits,
    health,
    metrics,
    log,
  });

  const resync = async (): Promise<void> => {
    try {
      await opened.resync();
    } catch (error) {
      log.debug({ err: error }, 'cameras could not be read again');
    }
  };

  const every = (intervalMs: number, task: () => unknown): void => {
    const timer = setInterval(task, intervalMs);
    timer.unref();
    closers.push(() => clearInterval(timer));
  };

  const bringUp = async (): Promise<{ url: string; port: number }> => {
    closers.push(
      health.add({
        name: 'database',
        check: () => {
          const reason = store ? store.notReady() : 'the database is not open';
          return reason === undefined ? { ok: true } : { ok: false, reason };
        },
      }),
    );
    const openedStore = await openConfiguredStore(config, log, () => void resync(), deps.signal);
    store = openedStore;
    closers.push(() => openedStore.close());
    if (opened.check) closers.push(health.add({ name: 'cameras', check: opened.check }));
    closers.push(opened.run());
    await resync();
    // A group of its own: each replica hears of every camera.
    const group = `control-api-status-${randomUUID()}`;
    const subscription = await bus.subscribe(cameraStatusTopic, { group, fromBeginning: true }, (message) => {
      board.hear(message.value);
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
      onUpgrade: upgradeRouter({ followEvents: events.onUpgrade }, originPolicy),
    });
    closers.push(() => server.close());
    return { url: server.url, port: server.port };
  };

  let eventsClosed: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    // First, so that followers hear why before the server cuts their connections.
    await (eventsClosed ??= events.close());
    for (let close = closers.pop(); close; close = closers.pop()) {
      try {
        await close();
      } catch (error) {
        log.warn({ err: error }, 'a part did not stop cleanly');
      }
    }
  };

  return {
    registry,
    health,
    stop,
    start: async () => {
      try {
        return await bringUp();
      } catch (error) {
        await stop();
        throw error;
      }
    },
  };
}
