import { clusterVariables } from '@camplane/kubernetes/cluster-variables';
import { viewerAddresses, viewerAddressVariables } from '@camplane/mediamtx/viewer-addresses';
import { defineEnvironment } from '@camplane/service-kit/environment';
import { integerValue, portValue, textValue, wordValue } from '@camplane/service-kit/environment-values';
import type { EnvironmentValues } from '@camplane/service-kit/environment';
import type { OperatorSettings } from './decide/operator-settings.ts';
import { maxUnavailableValue } from './rollout/max-unavailable.ts';

export const environment = defineEnvironment('camera-operator', {
  OPERATOR_HOST: {
    schema: textValue(255),
    default: '127.0.0.1',
    description:
      'Address that camera-operator listens on. It has no access control of its own: keep it inside.',
  },
  OPERATOR_PORT: {
    schema: portValue,
    default: '9102',
    description: 'Port of camera-operator: health and metrics.',
  },
  CAMPLANE_NAMESPACE: {
    schema: textValue(63),
    description: 'The namespace whose cameras these are.',
    example: 'camplane',
  },
  ...clusterVariables,
  CAMPLANE_POD_NAME: {
    schema: textValue(253).optional(),
    description:
      'Under this name the operator leads; each replica has one of its own. Not set: host name and process id.',
    example: 'camplane-camera-operator-6d5f8c9b7-x2x4z',
  },
  CAMPLANE_CAMERA_SERVICE_IMAGE: {
    schema: textValue(),
    description: "Image of camera-service in the cameras' pods.",
    example: 'camplane/camera-service:0.1.0',
  },
  CAMPLANE_MEDIAMTX_IMAGE: {
    schema: textValue(),
    description: "Image of MediaMTX in the cameras' pods.",
    example: 'bluenviron/mediamtx:1.20.1',
  },
  CAMPLANE_IMAGE_PULL_POLICY: {
    schema: wordValue(['Always', 'IfNotPresent', 'Never']),
    default: 'IfNotPresent',
    description: "When the images of the cameras' pods are pulled.",
  },
  CAMPLANE_IMAGE_PULL_SECRETS: {
    schema: textValue().optional(),
    description: 'Secrets for the registry of the images, separated by commas.',
    example: 'registry-login',
  },
  CAMPLANE_MAX_UNAVAILABLE_CAMERAS: {
    schema: maxUnavailableValue,
    default: '10%',
    description:
      "How many cameras may be away at once while an upgrade or another change of these settings replaces the cameras' pods; a share is rounded up.",
  },
  CAMPLANE_CAMERA_KAFKA_BROKERS: {
    schema: textValue().optional(),
    description:
      "`KAFKA_BROKERS` of the cameras' pods. Not set: frames and statuses do not leave them, and nothing is detected.",
    example: 'camplane-kafka:9092',
  },
  MAX_FPS: {
    schema: integerValue(1, 30),
    default: '20',
    description: 'Most JPEG frames a second that are taken of any camera, whatever it asks for.',
  },
  ...viewerAddressVariables,
  CAMPLANE_EDGE_SELECTOR: {
    schema: textValue(),
    default: 'app.kubernetes.io/name=mediamtx,app.kubernetes.io/part-of=camplane',
    description: 'Labels of the pods that viewers read from, whose metrics say how many there are.',
  },
  CAMPLANE_VIDEO_DEVICE_RESOURCE: {
    schema: textValue(253).optional(),
    description:
      'Resource of a device plugin that gives `v4l2:` cameras their device, `{device}` standing for `video0` and the like. Not set: such cameras do not run in a cluster.',
    example: 'smarter-devices/{device}',
  },
  CAMPLANE_MEDIA_CLAIM: {
    schema: textValue(253).optional(),
    description:
      'PersistentVolumeClaim with the files of `file:` cameras. Not set: they do not run in a cluster.',
    example: 'camera-footage',
  },
});

/** What the cameras' workloads are made with. */
export function operatorSettings(config: EnvironmentValues<typeof environment>): OperatorSettings {
  return {
    images: { cameraService: config.CAMPLANE_CAMERA_SERVICE_IMAGE, mediaMtx: config.CAMPLANE_MEDIAMTX_IMAGE },
    imagePullPolicy: config.CAMPLANE_IMAGE_PULL_POLICY,
    imagePullSecrets: listOf(config.CAMPLANE_IMAGE_PULL_SECRETS),
    kafkaBrokers: config.CAMPLANE_CAMERA_KAFKA_BROKERS ?? null,
    maxFps: config.MAX_FPS,
    addresses: viewerAddresses(config),
    videoDeviceResource: config.CAMPLANE_VIDEO_DEVICE_RESOURCE ?? null,
    mediaClaim: config.CAMPLANE_MEDIA_CLAIM ?? null,
    logLevel: config.LOG_LEVEL,
  };
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
