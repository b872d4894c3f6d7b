import express from 'express';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { onAbort } from '@camplane/runtime/abort';
import type { Health } from '@camplane/service-kit/health';
import { listen } from '@camplane/service-kit/http-server';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import { operationalRoutes } from '@camplane/service-kit/operational-routes';
import { notFoundHandler, problemHandler } from '@camplane/service-kit/problem-middleware';
import { monotonicClock, wallClock as systemTime } from '@camplane/runtime/clock';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { createApplyPlan } from './apply/apply-plan.ts';
import { createCameraEvents } from './apply/camera-events.ts';
import { decide } from './decide/decide.ts';
import { installationOf } from './decide/installation.ts';
import type { OperatorSettings } from './decide/operator-settings.ts';
import type { Pod } from './decide/pod.ts';
import { createCaches } from './gather/caches.ts';
import type { Caches } from './gather/caches.ts';
import { createFetchText } from './gather/fetch-text.ts';
import { createGather } from './gather/gather.ts';
import { createPodIndex } from './gather/pod-index.ts';
import { createReports } from './gather/reports.ts';
import { createViewers } from './gather/viewers.ts';
import { wakeOnChanges } from './gather/wake.ts';
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
  namespace: string;
  /** Each replica's own. */
  identity: string;
  edgeSelector: string;
  /** Of the cameras whose pods a change of the settings replaces. */
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
  /** For tests, which have no addresses of pods, and no minutes to wait. */
  addressOf?: { cameraService: (pod: Pod) => string | null; edge: (pod: Pod) => string | null };
  askPeriodMs?: number;
  queuePolicy?: Partial<QueuePolicy>;
  leadershipTimes?: Partial<LeadershipTimes>;
};

/** Writes wait for the API server most of the time; it says itself when it has too much to do (429). */
const concurrency = 16;
const reportLimits = { timeoutMs: 3_000, maxBytes: 64 * 1024 };
const edgeLimits = { timeoutMs: 5_000, maxBytes: 8 * 1024 * 1024 };
/** A kind of resource of which nothing was heard for so long is not known. */
const staleMaxMs = 300_000;

/** The operator of a namespace. It listens at once, follows the cluster at once, and writes when it leads. */
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
  const asking = dependencies.askPeriodMs === undefined ? {} : { periodMs: dependencies.askPeriodMs };
  const shared = { clock, random };
  const caches = createCaches({ ...shared, api, namespace, edgeSelector: config.edgeSelector, log });
  const leadership = createLeadership({
    ...{ ...shared, wallClock, api, namespace, identity, log },
    times: { ...defaultLeadershipTimes, ...dependencies.leadershipTimes },
  });
  const podIndex = createPodIndex(caches.pods, (camera) => {
    wake(camera);
    if (leads) reports.ask(camera);
  });
  const reports = createReports({
    ...{ ...shared, ...asking, pods: podIndex, fetchText: createFetchText(reportLimits), onNews: wake },
    ...(addressOf ? { addressOf: addressOf.cameraService } : {}),
  });
  const viewers = createViewers({
    ...{ ...shared, ...asking, edgePods: caches.edgePods, cameras: caches.cameras, onNews: wake },
    fetchText: createFetchText(edgeLimits),
    ...(addressOf ? { addressOf: addressOf.edge } : {}),
  });
  const rollout = createRollout({
    ...{ installation: installationOf(settings), maxUnavailable: config.maxUnavailableCameras },
    ...{ deployments: caches.deployments, pods: podIndex, wake, log, clock, wallClock },
    decide: (world) => decide(world, settings),
  });
  const reconcile = createReconcile({
    ...{ log, clock },
    gather: createGather({ api, namespace, caches, podIndex, reports, viewers, wallClock }),
    decide: rollout.decide,
    apply: createApplyPlan({
      api,
      events: createCameraEvents({ api, identity, log, clock, wallClock }),
      mayWrite: leadership.leads,
      onPartFailed: rollout.failed,
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
    leads: leadership.leads,
    camerasToReplace: rollout.waiting,
  });
  let leads = false;
  // Before this one leads, what is heard is in the caches, and all of it is looked at then.
  function wake(camera: string): void {
    if (leads) queue.add(camera);
  }
  const wakeAll = wakeOnChanges(caches, podIndex, wake);
  addChecks(health, caches);

  const app = express();
  app.disable('x-powered-by');
  app.use(operationalRoutes({ health, metrics: dependencies.metrics }));
  app.use(notFoundHandler());
  app.use(problemHandler({ log }));

  /** Leads until the signal, or until the lease is lost. */
  async function lead(signal: AbortSignal): Promise<string | null> {
    const ending = new AbortController();
    const end = () => ending.abort();
    const removeListener = onAbort(signal, end);
    leads = true;
    wakeAll();
    const work = [queue, reports, viewers, rollout].map((part) => part.run(ending.signal));
    try {
      return await leadership.keep(ending.signal);
    } finally {
      leads = false;
      end();
      removeListener();
      await Promise.all(work);
    }
  }

  return {
    /** Whether it writes. */
    leads: leadership.leads,
    listen: () => listen(app, { host: config.host, port: config.port, portVariable: 'OPERATOR_PORT' }),
    /**
     * Runs until the signal (then it resolves to null), or until it may lead no more (then to the reason): the
     * process is to end then, since another leads.
     */
    async run(signal: AbortSignal): Promise<string | null> {
      const following = Object.values(caches).map((cache) => cache.run(signal));
      try {
        // Nothing may be concluded from absence before all has been listed.
        await Promise.all(Object.values(caches).map((cache) => cache.whenSynced(signal)));
        log.info({ namespace, cameras: caches.cameras.list().length }, 'the cluster is known');
        await leadership.acquire(signal);
        log.info({ identity }, 'this operator leads');
        return await lead(signal);
      } catch (error) {
        if (signal.aborted) return null;
        throw error;
      } finally {
        if (signal.aborted) {
          await leadership.release();
          await Promise.all(following);
        }
      }
    },
  };
}

function addChecks(health: Health, caches: Caches): void {
  for (const [name, cache] of Object.entries(caches)) {
    health.add({
      name: `watch of ${name}`,
      check() {
        if (!cache.synced) return { ok: false, reason: cache.trouble ?? 'not listed yet' };
        if (cache.staleMs() <= staleMaxMs) return { ok: true };
        const seconds = Math.round(cache.staleMs() / 1000);
        return { ok: false, reason: cache.trouble ?? `nothing was heard for ${seconds} s` };
      },
    });
  }
}
