import { availableParallelism } from 'node:os';
import { busVariables } from '@camplane/event-bus/bus-variables';
import { defineEnvironment } from '@camplane/service-kit/environment';
import type { EnvironmentValues } from '@camplane/service-kit/environment';
import {
  durationMsValue,
  integerValue,
  portValue,
  textValue,
} from '@camplane/service-kit/environment-values';
import { metricsAccess, metricsVariables } from '@camplane/service-kit/metrics-access';
import { serviceSecret } from '@camplane/service-kit/service-secret';
import type { DetectionServiceConfig } from './app.ts';
import { detectorSettings, detectorVariables } from './detector-settings.ts';
import { frameAgeMaxMs } from './frames/frame-age.ts';

export const environment = defineEnvironment('detection-service', {
  ...busVariables,
  ...detectorVariables,
  DETECTION_SERVICE_HOST: {
    schema: textValue(255),
    default: '127.0.0.1',
    description: 'Listen address of detection-service.',
  },
  DETECTION_SERVICE_PORT: {
    schema: portValue,
    default: '9101',
    description: 'Port of detection-service: `POST /detect`, health and metrics.',
  },
  DETECTION_SERVICE_TOKEN: {
    schema: serviceSecret,
    description:
      'Bearer token of `POST /detect`, 32 random characters or more. If not set, every program of the machine may use it where the ' +
      'service listens on loopback, and every caller elsewhere is refused.',
    secret: true,
  },
  ...metricsVariables,
  DETECTION_WORKERS: {
    schema: integerValue(1, 64).optional(),
    description:
      'Maximum number of detection threads; the number of processors if not set. Each runs only while its cameras send frames.',
    example: '2',
  },
  DETECTION_WORKER_IDLE_TIMEOUT: {
    schema: durationMsValue(1_000, 86_400_000),
    default: '1m',
    description: 'Time without frames after which a detection thread is stopped and its memory released.',
    example: '10m',
  },
  DETECTION_FRAME_MAX_AGE: {
    schema: durationMsValue(100, 600_000),
    default: `${frameAgeMaxMs}ms`,
    description:
      'Maximum age of a frame; older frames are skipped. A higher value keeps detections of frames that had to wait.',
  },
});

/** @throws {ModelError} for a model without labels, or labels without a model */
export function configFrom(
  env: Omit<EnvironmentValues<typeof environment>, keyof typeof busVariables>,
): DetectionServiceConfig {
  return {
    host: env.DETECTION_SERVICE_HOST,
    port: env.DETECTION_SERVICE_PORT,
    ...(env.DETECTION_SERVICE_TOKEN === undefined ? {} : { detectToken: env.DETECTION_SERVICE_TOKEN }),
    metrics: metricsAccess(env),
    workers: env.DETECTION_WORKERS ?? defaultWorkers(),
    workerIdleMs: env.DETECTION_WORKER_IDLE_TIMEOUT,
    frameAgeMaxMs: env.DETECTION_FRAME_MAX_AGE,
    ...detectorSettings(env),
  };
}

export function defaultWorkers(): number {
  return availableParallelism();
}
