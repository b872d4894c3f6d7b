import { createKubernetesApi } from '@camplane/kubernetes/create-kubernetes-api';
import { parseKubeConfig } from '@camplane/kubernetes/load-kube-config';
import { createHealth } from '@camplane/service-kit/health';
import type { Health } from '@camplane/service-kit/health';
import { createLogger } from '@camplane/service-kit/logging';
import { createMetrics } from '@camplane/service-kit/metrics';
import type { Metrics } from '@camplane/service-kit/metrics';
import { createCameraOperator } from '../app.ts';
import type { CameraOperatorDependencies } from '../app.ts';
import type { OperatorSettings } from '../decide/operator-settings.ts';
import { settings } from '../decide/testing/camera-world.ts';
import type { MaxUnavailable } from '../rollout/max-unavailable.ts';
import type { FakeCameraService } from './fake-camera-service.ts';
import type { FaultProxy } from './fault-proxy.ts';
import type { OperatorNamespace } from './operator-cluster.ts';

export type RunningOperator = {
  isLeader(): boolean;
  health: Health;
  metrics: Metrics;
  /** Its log, as lines of JSON. */
  log(): string;
  /** Why it lost leadership; null after `stop`. */
  lost: Promise<string | null>;
  /** Graceful stop. With a cut proxy, the same as a kill. */
  stop(): Promise<void>;
};

/** Runs an operator in this process, with the rights of its service account, through a proxy. */
export function runOperator(
  options: { namespace: OperatorNamespace; proxy: FaultProxy; identity?: string } & {
    cameraService?: FakeCameraService;
    settings?: Partial<OperatorSettings>;
    maxUnavailableCameras?: MaxUnavailable;
  } & Pick<CameraOperatorDependencies, 'queuePolicy' | 'leadershipTimes'>,
): RunningOperator {
  const { namespace, proxy, identity = 'operator', cameraService, queuePolicy, leadershipTimes } = options;
  const api = createKubernetesApi({ kubeConfig: parseKubeConfig(namespace.kubeConfigText(proxy.url)) });
  const lines: string[] = [];
  const metrics = createMetrics('camera-operator', { processMetrics: false });
  const health = createHealth();
  const address = () => cameraService?.url ?? null;
  const operator = createCameraOperator(
    {
      ...{ host: '127.0.0.1', port: 0, namespace: namespace.name, identity },
      settings: { ...settings, ...options.settings },
      maxUnavailableCameras: options.maxUnavailableCameras ?? { percent: 10 },
      edgeSelector: 'app.kubernetes.io/name=mediamtx',
    },
    {
      ...{ api, metrics, health, addressOf: { cameraService: address, edge: address } },
      log: createLogger({
        ...{ service: 'camera-operator', level: 'debug', format: 'json' },
        destination: { write: (line) => lines.push(line) },
      }),
      pollPeriodMs: 1_000,
      queuePolicy: { backoffMaxMs: 1_000, ...queuePolicy },
      leadershipTimes: { retryMs: 200, ...leadershipTimes },
    },
  );
  const stopping = new AbortController();
  const lost = operator.run(stopping.signal);
  return {
    ...{ isLeader: operator.isLeader, health, metrics, lost },
    log: () => lines.join(''),
    async stop() {
      stopping.abort();
      await lost;
      api.close();
    },
  };
}
