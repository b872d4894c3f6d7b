import { cameraNetworksVariable } from '@camplane/camera-source/network/camera-networks-variable';
import { kafkaSecurityVariables } from '@camplane/event-bus/bus-variables';
import { hostname } from 'node:os';
import { clusterVariables, namespaceVariable } from '@camplane/kubernetes/cluster-variables';
import { viewerAddresses, viewerAddressVariables } from '@camplane/mediamtx/viewer-addresses';
import { defineEnvironment } from '@camplane/service-kit/environment';
import { portValue, textValue, wordValue } from '@camplane/service-kit/environment-values';
import type { EnvironmentValues } from '@camplane/service-kit/environment';
import { ffmpegVariables } from '@camplane/service-kit/ffmpeg-variables';
import { metricsAccess, metricsVariables } from '@camplane/service-kit/metrics-access';
import { cameraServiceCallerVariables, cameraServicePasswords } from '@camplane/service-kit/service-fetch';
import { sharedVariables } from '@camplane/service-kit/shared-variables';
import type { CameraOperatorConfig } from './app.ts';
import { maxUnavailableValue } from './rollout/max-unavailable.ts';

/** Passed on to camera pods; their password is in a file of the Secret. */
const { KAFKA_PASSWORD: _, ...kafkaVariables } = kafkaSecurityVariables;

export const environment = defineEnvironment('camera-operator', {
  OPERATOR_HOST: {
    schema: textValue(255),
    default: '127.0.0.1',
    description: 'Listen address of camera-operator.',
  },
  OPERATOR_PORT: {
    schema: portValue,
    default: '9102',
    description: 'Port of camera-operator: health and metrics.',
  },
  ...metricsVariables,
  CAMPLANE_NAMESPACE: namespaceVariable,
  ...clusterVariables,
  CAMPLANE_POD_NAME: {
    schema: textValue(253).optional(),
    description: 'Identity for leader election, unique per replica; host name and process id if not set.',
    example: 'camplane-camera-operator-6d5f8c9b7-x2x4z',
  },
  CAMPLANE_CAMERA_SERVICE_IMAGE: {
    schema: textValue(),
    description: 'Image of camera-service in camera pods.',
    example: 'camplane/camera-service:0.1.0',
  },
  CAMPLANE_MEDIAMTX_IMAGE: {
    schema: textValue(),
    description: 'Image of MediaMTX in camera pods.',
    example: 'bluenviron/mediamtx:1.20.1',
  },
  CAMPLANE_IMAGE_PULL_POLICY: {
    schema: wordValue(['Always', 'IfNotPresent', 'Never']),
    default: 'IfNotPresent',
    description: 'Pull policy of the images in camera pods.',
  },
  CAMPLANE_IMAGE_PULL_SECRETS: {
    schema: textValue().optional(),
    description: 'Image pull Secrets of camera pods, separated by commas.',
    example: 'registry-login',
  },
  CAMPLANE_MAX_UNAVAILABLE_CAMERAS: {
    schema: maxUnavailableValue,
    default: '10%',
    description:
      'Maximum number or percentage (rounded up) of cameras that are unavailable at once while a changed configuration or version replaces camera pods.',
  },
  CAMPLANE_CAMERA_KAFKA_BROKERS: {
    schema: textValue().optional(),
    description:
      '`KAFKA_BROKERS` of camera pods. If not set, frames and statuses stay in the pods and nothing is detected.',
    example: 'camplane-kafka:9092',
  },
  ...kafkaVariables,
  CAMPLANE_KAFKA_SECRET: {
    schema: textValue(253).optional(),
    description:
      'Secret that camera pods mount at `/etc/camplane/kafka`, with the files of `KAFKA_TLS_CA_FILE` and others. camera-operator ' +
      'passes these variables on to camera pods, and does not read the files.',
    example: 'camplane-kafka-client',
  },
  MAX_FPS: sharedVariables.MAX_FPS,
  CAMPLANE_CAMERA_NETWORKS: cameraNetworksVariable,
  ...ffmpegVariables,
  ...viewerAddressVariables,
  CAMPLANE_EDGE_SELECTOR: {
    schema: textValue(),
    default: 'app.kubernetes.io/name=mediamtx,app.kubernetes.io/part-of=camplane',
    description: 'Label selector of the edge pods, whose metrics count the viewers.',
  },
  CAMPLANE_VIDEO_DEVICE_RESOURCE: {
    schema: textValue(253).optional(),
    description:
      'Device plugin resource for `v4l2:` cameras; `{device}` is replaced by the device name, such as `video0`. If not set, `v4l2:` cameras do not run in a cluster.',
    example: 'smarter-devices/{device}',
  },
  CAMPLANE_MEDIA_CLAIM: {
    schema: textValue(253).optional(),
    description:
      'PersistentVolumeClaim with the files of `file:` cameras. If not set, `file:` cameras do not run in a cluster.',
    example: 'camera-footage',
  },
  ...cameraServiceCallerVariables,
  CAMPLANE_MEDIA_SECRET: {
    schema: textValue(253).optional(),
    description:
      'Secret with the passwords of camera pods: `read-password`, with which edges read them, and, if present, ' +
      '`control-api-password`, `operator-password`, `service-password` (of an earlier version) and `metrics-token`. If not set, ' +
      'every client that reaches the RTSP port of a camera pod may read it.',
    example: 'camplane-media',
  },
});

export function configFrom(
  env: Omit<EnvironmentValues<typeof environment>, keyof typeof clusterVariables>,
): CameraOperatorConfig {
  return {
    host: env.OPERATOR_HOST,
    port: env.OPERATOR_PORT,
    metrics: metricsAccess(env),
    namespace: env.CAMPLANE_NAMESPACE,
    identity: env.CAMPLANE_POD_NAME ?? `${hostname()}-${process.pid}`,
    edgeSelector: env.CAMPLANE_EDGE_SELECTOR,
    cameraServicePasswords: cameraServicePasswords(env),
    maxUnavailableCameras: env.CAMPLANE_MAX_UNAVAILABLE_CAMERAS,
    settings: {
      images: { cameraService: env.CAMPLANE_CAMERA_SERVICE_IMAGE, mediaMtx: env.CAMPLANE_MEDIAMTX_IMAGE },
      imagePullPolicy: env.CAMPLANE_IMAGE_PULL_POLICY,
      imagePullSecrets: listOf(env.CAMPLANE_IMAGE_PULL_SECRETS),
      kafkaBrokers: env.CAMPLANE_CAMERA_KAFKA_BROKERS ?? null,
      kafka: {
        secret: env.CAMPLANE_KAFKA_SECRET ?? null,
        variables: {
          KAFKA_TLS: env.KAFKA_TLS ? 'on' : null,
          KAFKA_TLS_CA_FILE: env.KAFKA_TLS_CA_FILE ?? null,
          KAFKA_TLS_CERT_FILE: env.KAFKA_TLS_CERT_FILE ?? null,
          KAFKA_TLS_KEY_FILE: env.KAFKA_TLS_KEY_FILE ?? null,
          KAFKA_SASL_MECHANISM: env.KAFKA_SASL_MECHANISM ?? null,
          KAFKA_USERNAME: env.KAFKA_USERNAME ?? null,
          KAFKA_PASSWORD_FILE: env.KAFKA_PASSWORD_FILE ?? null,
        },
      },
      maxFps: env.MAX_FPS,
      // Camera pods that are set to the default are not replaced.
      cameraNetworks:
        env.CAMPLANE_CAMERA_NETWORKS.text === cameraNetworksVariable.default
          ? null
          : env.CAMPLANE_CAMERA_NETWORKS.text,
      ffmpegLimits: changedLimits(env),
      addresses: viewerAddresses(env),
      videoDeviceResource: env.CAMPLANE_VIDEO_DEVICE_RESOURCE ?? null,
      mediaClaim: env.CAMPLANE_MEDIA_CLAIM ?? null,
      openMetrics: env.METRICS_ACCESS === 'open',
      mediaSecret: env.CAMPLANE_MEDIA_SECRET ?? null,
      logLevel: env.LOG_LEVEL,
    },
  };
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** Camera pods that are set to the defaults are not replaced. */
function changedLimits(
  env: Pick<EnvironmentValues<typeof environment>, keyof typeof ffmpegVariables>,
): Record<string, string> {
  const names = Object.keys(ffmpegVariables) as (keyof typeof ffmpegVariables)[];
  const values = names.flatMap((name): [string, string][] => {
    const variable = ffmpegVariables[name];
    const text = env[name]?.toString();
    const isDefault = 'default' in variable && text === variable.default;
    return text === undefined || isDefault ? [] : [[name, text]];
  });
  return Object.fromEntries(values);
}
