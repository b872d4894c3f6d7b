import express from 'express';
import type { Express } from 'express';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { onAbort } from '@camplane/runtime/abort';
import type { Health } from '@camplane/service-kit/health';
import { listen } from '@camplane/service-kit/http-server';
import type { Logger } from '@camplane/service-kit/logging';
import { loopbackGuard } from '@camplane/service-kit/loopback-guard';
import type { Metrics } from '@camplane/service-kit/metrics';
import { metricsGuard } from '@camplane/service-kit/metrics-access';
import type { MetricsAccess } from '@camplane/service-kit/metrics-access';
import { createRefusals } from '@camplane/service-kit/refusals';
import { createServiceFetch } from '@camplane/service-kit/service-fetch';
import type { ServicePasswords } from '@camplane/service-kit/service-fetch';
import { operationalRoutes } from '@camplane/service-kit/operational-routes';
import { notFoundHandler, problemHandler } from '@camplane/service-kit/problem-middleware';
import { monotonicClock, wallClock as systemTime } from '@camplane/runtime/clock';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { createApplyPlan } from './apply/apply-plan.ts';
import { createCameraEvents } from './apply/camera-events.ts';
import { decide } from './decide/decide.ts';
import { installationHashOf } from './decide/installation.ts';
import type { OperatorSettings } from './decide/operator-settings.ts';
import type { Pod } from './decide/pod.ts';
import { createCaches } from './gather/caches.ts';
import type { Caches } from './gather/caches.ts';
import { createFetchText } from './gather/fetch-text.ts';
import { createGather } from './gather/gather.ts';
import { createPodIndex } from './gather/pod-index.ts';
import { createReports } from './gather/reports.ts';
import { createViewers } from './gather/viewers.ts';
import { enqueueOnChanges } from './gather/enqueue-on-changes.ts';
import { createLeadership, defaultLeadershipTimes } from './leadership/leadership.ts';
import type { LeadershipTimes } from './leadership/leadership.ts';
import { createOperatorMetrics } from './operator-metrics.ts';
import { createReconcile } from './reconcile.ts';
import type { MaxUnavailable } from './rollout/max-unavailable.ts';
import { createRollout } from './rollout/rollout.ts';
import { createKeyQueue, defaultQueuePolicy } from './work-queue/key-queue.ts';
import type { QueuePolicy } from './work-queue/key-queue.ts';
import { createQueueRunner } from './work-queue/run-queue.ts';

export type CameraOperatorConfig = {
  host: string;
  port: number;
  /** Who reads `/metrics`. */
  metrics?: MetricsAccess;
  namespace: string;
  /** Unique per replica. */
  identity: string;
  edgeSelector: string;
  /** Sent to camera-service of camera pods. */
  cameraServicePasswords?: ServicePasswords;
  /** Limit while a settings change replaces camera pods. */
  maxUnavailableCameras: MaxUnavailable;
  settings: OperatorSettings;
};

export type CameraOperatorDependencies = {
  api: KubernetesApi;
  log: Logger;
  metrics: Metrics;
  health: Health;
  clock?: Clock;
  wallClock?: WallClock;
  random?: () => number;
  /** Overrides for tests. */
  addressOf?: { cameraService: (pod: Pod) => string | null; edge: (pod: Pod) => string | null };
  pollPeriodMs?: number;
  queuePolicy?: Partial<QueuePolicy>;
  leadershipTimes?: Partial<LeadershipTimes>;
};

/** Writes mostly wait for the API server, which returns 429 when overloaded. */
const concurrency = 16;
const reportLimits = { timeoutMs: 3_000, maxBytes: 64 * 1024 };
const edgeLimits = { timeoutMs: 5_000, maxBytes: 8 * 1024 * 1024 };
/** A watch without events for this long makes the operator unready. */
const staleMaxMs = 300_000;

/** The operator of one namespace. It serves and watches from the start, and writes only as leader. */
export function createCameraOperator(config: CameraOperatorConfig, dependencies: CameraOperatorDependencies) {
  const { namespace, identity, settings } = config;
  const {
    api,
    log,
    health,
    clock = monotonicClock,
    wallClock = systemTime,
    random = Math.random,
    addressOf,
  } = dependencies;
  const polling = dependencies.pollPeriodMs === undefined ? {} : { periodMs: dependencies.pollPeriodMs };
  const shared = { clock, random };
  const caches = createCaches({ ...shared, api, namespace, edgeSelector: config.edgeSelector, log });
  const leadership = createLeadership({
    ...{ ...shared, wallClock, api, namespace, identity, log },
    times: { ...defaultLeadershipTimes, ...dependencies.leadershipTimes },
  });
  const podIndex = createPodIndex(caches.pods, (camera) => {
    enqueue(camera);
    if (isLeading) reports.poll(camera);
  });
  const reports = createReports({
    ...{ ...shared, ...polling, pods: podIndex, onChange: enqueue },
    fetchText: createFetchText(reportLimits, createServiceFetch(config.cameraServicePasswords ?? [])),
    ...(addressOf ? { addressOf: addressOf.cameraService } : {}),
  });
  const viewers = createViewers({
    ...{ ...shared, ...polling, edgePods: caches.edgePods, cameras: caches.cameras, onChange: enqueue },
    fetchText: createFetchText(edgeLimits),
    ...(addressOf ? { addressOf: addressOf.edge } : {}),
  });
  const rollout = createRollout({
    ...{ installation: installationHashOf(settings), maxUnavailable: config.maxUnavailableCameras },
    ...{ deployments: caches.deployments, pods: podIndex, enqueue, log, clock, wallClock },
    decide: (world) => decide(world, settings),
  });
  const reconcile = createReconcile({
    ...{ log, clock },
    gather: createGather({ api, namespace, caches, podIndex, reports, viewers, wallClock }),
    decide: rollout.decide,
    apply: createApplyPlan({
      api,
      events: createCameraEvents({ api, identity, log, clock, wallClock }),
      mayWrite: leadership.isLeader,
      onWriteFailed: rollout.failed,
    }),
    metrics: { reconciled: (result, seconds) => operatorMetrics.reconciled(result, seconds) },
  });
  const queue = createQueueRunner({
    queue: createKeyQueue({ ...defaultQueuePolicy, ...dependencies.queuePolicy }, random),
    ...{ clock, concurrency, work: reconcile },
  });
  const operatorMetrics = createOperatorMetrics(dependencies.metrics, {
    caches,
    queueDepth: () => queue.depth(),
    isLeader: leadership.isLeader,
    camerasToReplace: rollout.waiting,
  });
  let isLeading = false;
  // Changes before leadership are in the caches; all cameras are enqueued then.
  function enqueue(camera: string): void {
    if (isLeading) queue.add(camera);
  }
  const enqueueAll = enqueueOnChanges(caches, podIndex, enqueue);
  addChecks(health, caches);

  const app = webApp(config, { ...dependencies, clock });

  /** Reconciles until the signal or the loss of the lease. */
  async function lead(signal: AbortSignal): Promise<string | null> {
    const stopping = new AbortController();
    const end = () => stopping.abort();
    const removeListener = onAbort(signal, end);
    isLeading = true;
    enqueueAll();
    const work = [queue, reports, viewers, rollout].map((part) => part.run(stopping.signal));
    try {
      return await leadership.renew(stopping.signal);
    } finally {
      isLeading = false;
      end();
      removeListener();
      await Promise.all(work);
    }
  }

  return {
    /** Whether it may write. */
    isLeader: leadership.isLeader,
    listen: () => listen(app, { host: config.host, port: config.port, portVariable: 'OPERATOR_PORT' }),
    /**
     * Runs until the signal and resolves to null, or until leadership is lost and resolves to the reason. The process
     * must exit then.
     */
    async run(signal: AbortSignal): Promise<string | null> {
      const watching = Object.values(caches).map((cache) => cache.run(signal));
      try {
        // Before the first list, absence in a cache means nothing.
        await Promise.all(Object.values(caches).map((cache) => cache.whenSynced(signal)));
        log.info({ namespace, cameras: caches.cameras.list().length }, 'caches synced');
        await leadership.acquire(signal);
        log.info({ identity }, 'became leader');
        return await lead(signal);
      } catch (error) {
        if (signal.aborted) return null;
        throw error;
      } finally {
        if (signal.aborted) {
          await leadership.release();
          await Promise.all(watching);
        }
      }
    },
  };
}

/** Health and metrics. */
function webApp(
  config: Pick<CameraOperatorConfig, 'host' | 'metrics'>,
  {
    health,
    metrics,
    log,
    clock,
  }: Pick<CameraOperatorDependencies, 'health' | 'metrics' | 'log'> & { clock: Clock },
): Express {
  const refusals = createRefusals({ log, metrics, clock });
  const guardMetrics = metricsGuard(config.host, config.metrics ?? {}, refusals);
  const app = express();
  app.disable('x-powered-by');
  app.use(loopbackGuard(config.host));
  app.use(operationalRoutes({ health, metrics, guardMetrics }));
  app.use(notFoundHandler());
  app.use(problemHandler({ log }));
  return app;
}

function addChecks(health: Health, caches: Caches): void {
  for (const [name, cache] of Object.entries(caches)) {
    health.add({
      name: `watch of ${name}`,
      check() {
        if (!cache.synced) return { ok: false, reason: cache.staleReason ?? 'initial list pending' };
        if (cache.staleMs() <= staleMaxMs) return { ok: true };
        const seconds = Math.round(cache.staleMs() / 1000);
        return { ok: false, reason: cache.staleReason ?? `no watch event for ${seconds} s` };
      },
    });
  }
}
