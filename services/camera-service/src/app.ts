import { mkdir, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import express from 'express';
import type { Express } from 'express';
import { mediaPath } from '@camplane/contracts/camera-id';
import type { StreamQuality } from '@camplane/contracts/camera-id';
import { framesTopic } from '@camplane/contracts/frame';
import { cameraStatusTopic } from '@camplane/contracts/topics';
import type { Frame } from '@camplane/contracts/frame';
import type { CameraNetworks } from '@camplane/camera-source/network/camera-networks';
import type { EventBus } from '@camplane/event-bus/event-bus';
import { findFfmpeg } from '@camplane/ffmpeg/find-ffmpeg';
import type { FfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { createMediaMtxApi } from '@camplane/mediamtx/api-client';
import { tapQuery } from '@camplane/mediamtx/auth-hook';
import { withAuthHook } from '@camplane/mediamtx/auth-hook-listener';
import type { AdmittedReader } from '@camplane/mediamtx/auth-hook-listener';
import type { HookCallers } from '@camplane/mediamtx/hook-callers';
import { createPathKeeper } from '@camplane/mediamtx/path-keeper';
import { createEdgeGate, openGate } from '@camplane/mediamtx/reader-gate';
import type { ReaderGate } from '@camplane/mediamtx/reader-gate';
import { createServicePasses } from '@camplane/mediamtx/service-passes';
import type { ServicePasses } from '@camplane/mediamtx/service-passes';
import type { ViewerAddresses } from '@camplane/mediamtx/viewer-addresses';
import type { Health } from '@camplane/service-kit/health';
import { listen } from '@camplane/service-kit/http-server';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import { metricsGuard } from '@camplane/service-kit/metrics-access';
import type { MetricsAccess } from '@camplane/service-kit/metrics-access';
import { loopbackGuard } from '@camplane/service-kit/loopback-guard';
import { operationalRoutes } from '@camplane/service-kit/operational-routes';
import { notFoundHandler, problemHandler } from '@camplane/service-kit/problem-middleware';
import { createRefusals } from '@camplane/service-kit/refusals';
import type { Refusals } from '@camplane/service-kit/refusals';
import { monotonicClock, wallClock } from '@camplane/runtime/clock';
import { isLoopback } from '@camplane/runtime/loopback';
import { defaultRestartPolicy } from '@camplane/supervisor/restart-policy';
import { createStartBudget } from '@camplane/supervisor/start-budget';
import type { CameraFeed } from './camera-feed.ts';
import { createCameraFleet } from './cameras/camera-fleet.ts';
import type { CameraFleet } from './cameras/camera-fleet.ts';
import { createCameraRunner } from './cameras/camera-runner.ts';
import { createSnapshots } from './frames/snapshots.ts';
import type { Snapshots } from './frames/snapshots.ts';
import { cameraRoutes } from './http/camera-routes.ts';
import { isOpenToEverybody, requireCaller } from './http/require-caller.ts';
import type { Callers } from './http/require-caller.ts';
import { followDetections } from './overlay/follow-detections.ts';
import { createPathSampler } from './sample/path-sampler.ts';
import { createSlateRenderer } from './slate/draw-slate.ts';
import { findSlateFont } from './slate/slate-font.ts';
import { createSlateFiles } from './slate/slate-files.ts';
import type { SlateFiles } from './slate/slate-files.ts';
import { camerasReadiness } from './status/cameras-readiness.ts';
import { createCameraMetrics } from './status/camera-metrics.ts';
import { createProber } from './probe/prober.ts';
import type { Prober } from './probe/prober.ts';

export type CameraServiceConfig = {
  host: string;
  port: number;
  /** Who gets status, snapshots and probes. */
  callers: Callers;
  metrics: MetricsAccess;
  ffmpeg: Parameters<typeof findFfmpeg>[0];
  ffmpegLimits: FfmpegLimits;
  mediaFolder: string;
  /** Where cameras may be. */
  cameraNetworks: CameraNetworks;
  /** Ports that Camplane listens on, where no camera is. This service adds its own; more can be added later. */
  ownPorts: Set<number>;
  /** For slates and FIFOs. MediaMTX must be able to read it. */
  dataFolder: string;
  maxFps: number;
  startsPerSecond: number;
  /**
   * `media-server`: ready while MediaMTX responds, regardless of the cameras. `cameras`, for a camera's pod: ready while
   * its cameras are running or idle; without cameras it only serves probes, and needs no MediaMTX.
   */
  readiness: 'media-server' | 'cameras';
  mediaMtx: {
    apiUrl: string;
    apiCredentials: { username: string; password: string } | null;
    rtspUrl: string;
    /** Password of the edges; null: everybody who reaches the port may read. */
    readPassword: string | null;
    /** Sent by MediaMTX to the auth hook; null: every program on loopback may call it, such as a sidecar. */
    hookPassword: string | null;
  };
  addresses: ViewerAddresses;
};

const pollIntervalMs = 1000;
const openWarning =
  'everyone who reaches this port gets status, snapshots and probes: set CONTROL_API_PASSWORD and CAMERA_OPERATOR_PASSWORD';

/** Creates camera-service, in a pod or in the process of `standalone`. */
export async function createCameraService(
  config: CameraServiceConfig,
  dependencies: {
    feed: CameraFeed;
    bus: EventBus;
    log: Logger;
    metrics: Metrics;
    health: Health;
    /** Who may read the cameras' paths; edges alone, or everybody, by default. */
    gate?: ReaderGate;
  },
) {
  const { feed, bus, log, metrics, health } = dependencies;
  const { ffmpegLimits } = config;
  const lifetime = new AbortController();
  const { ffmpegPath, ffprobePath } = await findFfmpeg(config.ffmpeg);
  const runFolder = join(config.dataFolder, 'run');
  // FIFOs that a killed process left behind.
  await rm(runFolder, { recursive: true, force: true });
  await mkdir(runFolder, { recursive: true });
  const paths = createPathKeeper({
    api: createMediaMtxApi({
      baseUrl: config.mediaMtx.apiUrl,
      ...(config.mediaMtx.apiCredentials ? { credentials: config.mediaMtx.apiCredentials } : {}),
    }),
    ...{ pollIntervalMs, log },
    onObserved: (observed) => fleet.observe(observed),
    onUpChange: () => fleet.observe(new Map()),
  });
  const followsCameras = config.readiness === 'cameras';
  health.add({
    name: 'mediamtx',
    check: () =>
      paths.up || (followsCameras && fleet.statuses().length === 0)
        ? { ok: true }
        : { ok: false, reason: 'MediaMTX does not respond' },
  });
  if (followsCameras) health.add({ name: 'cameras', check: () => camerasReadiness(fleet.statuses()) });

  const slates = await prepareSlates(join(config.dataFolder, 'slates'), ffmpegPath, lifetime.signal);

  const passes = createServicePasses(monotonicClock);
  const networkPolicy = { networks: config.cameraNetworks, ownPorts: config.ownPorts };
  const detections = followDetections({ bus, log, wallClock });
  const streamDependencies = {
    boxes: (cameraId: string) => detections.boxes(cameraId),
    publishFrame: (cameraId: string, frame: Frame) => bus.publish(framesTopic, cameraId, frame),
    clock: monotonicClock,
    wallClock,
    random: Math.random,
    budget: createStartBudget({ startsPerSecond: config.startsPerSecond, burst: config.startsPerSecond }),
    policy: defaultRestartPolicy,
    paths,
    slates,
    sampler: createPathSampler({ ffmpegPath, ffmpegLimits, lifetime: lifetime.signal }),
    log,
    metrics: createCameraMetrics(metrics),
    ...{ ffmpegPath, ffprobePath, ffmpegLimits },
    mediaFolder: config.mediaFolder,
    networkPolicy,
    runFolder,
    ...pathAddresses(config.mediaMtx.rtspUrl, passes),
    maxFps: config.maxFps,
    addresses: config.addresses,
  };
  const fleet = createCameraFleet({
    feed,
    log,
    create: (camera) =>
      createCameraRunner(camera, streamDependencies, (status) => {
        bus.publish(cameraStatusTopic, status.cameraId, status).catch((error: unknown) => {
          log.warn({ camera: status.cameraId, err: error }, 'publishing the status failed');
        });
      }),
  });

  const refusals = createRefusals({ log, metrics, clock: monotonicClock });
  const app = webApp({
    ...{ fleet, health, metrics, log, config, refusals },
    snapshots: createSnapshots({ signal: lifetime.signal }),
    prober: createProber({ ...streamDependencies, signal: lifetime.signal }),
  });
  const rules = {
    isKnownPath: (path: string) => fleet.knowsPath(path),
    apiCredentials: config.mediaMtx.apiCredentials,
    passes,
    gate: dependencies.gate ?? gateOf(config.mediaMtx.readPassword),
  };
  const callers = hookCallersOf(config.mediaMtx.hookPassword);
  const hook = { rules, callers, refusals, onReader: reportTo(fleet), log };

  return {
    /** RTSP address of a stream of a camera for one connection of stream-proxy, which counts as a viewer. */
    viewUrl: (cameraId: string, source: StreamQuality) =>
      viewUrl(config.mediaMtx.rtspUrl, mediaPath(cameraId, source), passes),
    /** Starts the HTTP server. MediaMTX calls its auth hook; cameras start with `run`. */
    listen: () => listenAs(withAuthHook(hook, app), { ...config, log }),
    /** Configures the paths at once after MediaMTX was started. */
    mediaServerReady(): void {
      void paths.refresh();
    },
    /** Runs the cameras until the signal. All processes have exited when the promise resolves. */
    async run(signal: AbortSignal): Promise<void> {
      const keeping = new AbortController();
      const kept = paths.run(keeping.signal);
      try {
        await fleet.run(signal);
      } finally {
        // Cancels drawings and snapshots: a stop must not wait for them.
        lifetime.abort();
        await fleet.stop();
        await detections.close();
        keeping.abort();
        await kept;
      }
    },
  };
}

async function prepareSlates(folder: string, ffmpegPath: string, signal: AbortSignal): Promise<SlateFiles> {
  const render = createSlateRenderer({ ffmpegPath, fontFile: await findSlateFont() });
  const slates = createSlateFiles({ folder, render, signal });
  // Before the first camera needs it; a failure is reported then.
  slates.prepare({ codec: 'h264', audio: false });
  return slates;
}

async function listenAs(
  app: RequestListener,
  { host, port, ownPorts, callers, log }: CameraServiceConfig & { log: Logger },
) {
  if (isOpenToEverybody(callers) && !isLoopback(host)) log.warn(openWarning);
  const server = await listen(app, { host, port, portVariable: 'CAMERA_SERVICE_PORT' });
  ownPorts.add(server.port);
  return server;
}

/** The first reader of an on-demand camera is noticed by the auth hook, before its first packet. */
function reportTo(fleet: CameraFleet) {
  return ({ path, id, isOwn }: AdmittedReader): void =>
    fleet.readerArrived(path, isOwn ? { ownId: id } : 'viewer');
}

/** Each address is for one connection of FFmpeg. */
function pathAddresses(rtspUrl: string, passes: ServicePasses) {
  return {
    publishUrl: (path: string) => passes.addTo(`${rtspUrl}/${path}`, { use: 'publish', path }),
    tapUrl: (path: string) => passes.addTo(`${rtspUrl}/${path}?${tapQuery}`, { use: 'read', path }),
  };
}

function viewUrl(rtspUrl: string, path: string, passes: ServicePasses): string {
  return passes.addTo(`${rtspUrl}/${path}?${tapQuery}`, { use: 'view', path });
}

function webApp(parts: {
  fleet: CameraFleet;
  snapshots: Snapshots;
  prober: Prober;
  health: Health;
  metrics: Metrics;
  log: Logger;
  config: Pick<CameraServiceConfig, 'host' | 'callers' | 'metrics'>;
  refusals: Refusals;
}): Express {
  const { fleet, snapshots, prober, health, metrics, log, config, refusals } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.use(loopbackGuard(config.host));
  app.use(
    operationalRoutes({ health, metrics, guardMetrics: metricsGuard(config.host, config.metrics, refusals) }),
  );
  app.use(requireCaller(config.callers, refusals));
  app.use(cameraRoutes({ fleet, snapshots, prober, wallClock, refusals }));
  app.use(notFoundHandler());
  app.use(problemHandler({ log }));
  return app;
}

function gateOf(readPassword: string | null): ReaderGate {
  return readPassword === null ? openGate : createEdgeGate(readPassword);
}

function hookCallersOf(hookPassword: string | null): HookCallers {
  return hookPassword === null ? 'loopback' : { password: hookPassword };
}
