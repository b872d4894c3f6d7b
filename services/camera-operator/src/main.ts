import { hostname } from 'node:os';
import { createKubernetesApi } from '@camplane/kubernetes/create-kubernetes-api';
import { loadKubeConfig } from '@camplane/kubernetes/load-kube-config';
import { messageOf } from '@camplane/runtime/message-of';
import { runService } from '@camplane/service-kit/run-service';
import { StartupError } from '@camplane/service-kit/startup-error';
import { createCameraOperator } from './app.ts';
import { environment, operatorSettings } from './environment.ts';

runService({
  name: 'camera-operator',
  environment,
  async start(config, { log, metrics, health, onStop, signal, stop }) {
    const api = createKubernetesApi({ kubeConfig: kubeConfigOf(config.KUBECONFIG) });
    onStop('connections to the cluster', () => api.close());
    const operator = createCameraOperator(
      {
        host: config.OPERATOR_HOST,
        port: config.OPERATOR_PORT,
        namespace: config.CAMPLANE_NAMESPACE,
        identity: config.CAMPLANE_POD_NAME ?? `${hostname()}-${process.pid}`,
        edgeSelector: config.CAMPLANE_EDGE_SELECTOR,
        maxUnavailableCameras: config.CAMPLANE_MAX_UNAVAILABLE_CAMERAS,
        settings: operatorSettings(config),
      },
      { api, log, metrics, health },
    );
    const server = await operator.listen();
    onStop('http server', () => server.close());
    log.info({ url: server.url }, 'camera-operator listens');
    const running = operator.run(signal);
    onStop('operator', async () => void (await running));
    running.then(
      (lost) => {
        if (lost === null) return;
        log.error({ reason: lost }, 'this operator leads no more');
        stop('it leads no more');
      },
      (error: unknown) => {
        log.error({ err: error }, 'cameras cannot be operated');
        stop('cameras cannot be operated');
      },
    );
  },
});

function kubeConfigOf(kubeConfigFile: string | undefined) {
  try {
    return loadKubeConfig({ kubeConfigFile });
  } catch (cause) {
    throw new StartupError(messageOf(cause), { cause });
  }
}
