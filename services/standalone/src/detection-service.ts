import { createDetectionService } from '@camplane/detection-service/app';
import { configFrom } from '@camplane/detection-service/environment';
import { checkModel } from '@camplane/detection-service/workers/check-model';
import type { EventBus } from '@camplane/event-bus/event-bus';
import { createHealth } from '@camplane/service-kit/health';
import { createMetrics } from '@camplane/service-kit/metrics';
import type { ServiceTools } from '@camplane/service-kit/run-service';
import type { StandaloneEnvironment } from './environment.ts';

/** @throws StartupError with the remedy where the ONNX model cannot be used */
export async function loadDetectionConfig(env: StandaloneEnvironment) {
  // Workers start with the first frame: without a camera that needs detection they would only take memory.
  const config = { ...configFrom({ ...env, DETECTION_SERVICE_HOST: '127.0.0.1' }), warmUp: false };
  if (config.onnx) await checkModel(config.onnx);
  return config;
}

export async function startDetectionService(
  config: Awaited<ReturnType<typeof loadDetectionConfig>>,
  { bus }: { bus: EventBus },
  { log, onStop, signal }: ServiceTools,
): Promise<void> {
  const detection = createDetectionService(config, {
    bus,
    log,
    metrics: createMetrics('detection-service', { processMetrics: false }),
    // Not the health of the process: cameras can be watched while detectors load.
    health: createHealth(),
  });
  const server = await detection.listen();
  onStop('detection-service http', () => server.close());
  const running = detection.run(signal).catch((error: unknown) => {
    if (!signal.aborted) log.error({ err: error }, 'frame consumer failed, nothing will be detected');
  });
  onStop('detection-service', () => running);
}
