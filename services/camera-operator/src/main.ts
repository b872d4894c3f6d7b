import { createKubernetesApi } from '@camplane/kubernetes/create-kubernetes-api';
import { loadKubeConfig } from '@camplane/kubernetes/load-kube-config';
import { messageOf } from '@camplane/runtime/message-of';
import { runService } from '@camplane/service-kit/run-service';
import { StartupError } from '@camplane/service-kit/startup-error';
import { createCameraOperator } from './app.ts';
import { configFrom, environment } from './environment.ts';

runService({
  name: 'camera-operator',
  environment,
  async start(env, { log, metrics, health, onStop, signal, stop }) {
    const api = createKubernetesApi({ kubeConfig: kubeConfigFrom(env.KUBECONFIG) });
    onStop('cluster connections', () => api.close());
    const operator = createCameraOperator(configFrom(env), { api, log, metrics, health });
    const server = await operator.listen();
    onStop('http server', () => server.close());
    log.info({ url: server.url }, 'camera-operator is listening');
    const running = operator.run(signal);
    onStop('operator', async () => void (await running));
    running.then(
      (lostReason) => {
        if (lostReason === null) return;
        log.error({ reason: lostReason }, 'lost leadership, stopping');
        stop('lost leadership');
      },
      (error: unknown) => {
        log.error({ err: error }, 'operator failed, stopping');
        stop('operator failed');
      },
    );
  },
});

function kubeConfigFrom(kubeConfigFile: string | undefined) {
  try {
    return loadKubeConfig({ kubeConfigFile });
  } catch (cause) {
    throw new StartupError(messageOf(cause), { cause });
  }
}
