import { cameraNetworksVariable } from '@camplane/camera-source/network/camera-networks-variable';
import { busVariables } from '@camplane/event-bus/bus-variables';
import { viewerAddresses, viewerAddressVariables } from '@camplane/mediamtx/viewer-addresses';
import { ffmpegLimitsFrom } from '@camplane/ffmpeg/process-limits';
import { defineEnvironment } from '@camplane/service-kit/environment';
import type { EnvironmentValues } from '@camplane/service-kit/environment';
import { integerValue, portValue, textValue, urlValue } from '@camplane/service-kit/environment-values';
import { ffmpegVariables } from '@camplane/service-kit/ffmpeg-variables';
import { metricsAccess, metricsVariables } from '@camplane/service-kit/metrics-access';
import { sharedVariables } from '@camplane/service-kit/shared-variables';
import type { CameraServiceConfig } from './app.ts';
import { callersFrom, callerVariables } from './http/caller-variables.ts';

export const environment = defineEnvironment('camera-service', {
  ...busVariables,
  CAMERA_SERVICE_HOST: {
    schema: textValue(255),
    default: '127.0.0.1',
    description: 'Listen address of camera-service. Only other services of Camplane need to reach it.',
  },
  CAMERA_SERVICE_PORT: {
    schema: portValue,
    default: '9100',
    description: 'Port of camera-service: status, snapshots, health, metrics and the auth hook of MediaMTX.',
  },
  ...callerVariables,
  ...metricsVariables,
  DATA_DIR: sharedVariables.DATA_DIR,
  MAX_FPS: sharedVariables.MAX_FPS,
  FFMPEG_BIN: sharedVariables.FFMPEG_BIN,
  FFPROBE_BIN: sharedVariables.FFPROBE_BIN,
  PATH: sharedVariables.PATH,
  ...ffmpegVariables,
  CAMPLANE_MEDIA_DIR: {
    schema: textValue(),
    default: './media',
    description: 'Folder that contains the files of `file:` sources.',
  },
  CAMPLANE_CAMERA_NETWORKS: cameraNetworksVariable,
  CAMPLANE_STARTS_PER_SECOND: {
    schema: integerValue(1, 1000),
    default: '10',
    description:
      'Maximum stream starts per second, so that cameras which return together do not start at once.',
  },
  CAMPLANE_CAMERAS_FILE: {
    schema: textValue(),
    default: './cameras.json',
    description: 'JSON file with the cameras to run; reloaded when it changes.',
  },
  CAMPLANE_CREDENTIALS_DIR: {
    schema: textValue().optional(),
    description:
      'Folder with the files `username` and `password` of the single camera in `CAMPLANE_CAMERAS_FILE`, as Kubernetes mounts a Secret; reloaded when it changes. Without the files the camera is opened without credentials.',
    example: '/etc/camplane/credentials',
  },
  MEDIAMTX_API_URL: {
    schema: urlValue(),
    default: 'http://127.0.0.1:9997',
    description: 'Control API of the MediaMTX that streams are published to.',
  },
  MEDIAMTX_RTSP_URL: sharedVariables.MEDIAMTX_RTSP_URL,
  MEDIAMTX_READ_PASSWORD: {
    schema: textValue(256).optional(),
    description:
      'Password of the user `edge`, with which edges read this MediaMTX over RTSP. Then only they and Camplane itself may ' +
      'read it. If not set, everyone who reaches its RTSP port may read.',
    secret: true,
  },
  ...viewerAddressVariables,
});

/** Read by `main.ts` alone: other processes bring their own bus and camera feed. */
type MainVariables = keyof typeof busVariables | 'CAMPLANE_CAMERAS_FILE' | 'CAMPLANE_CREDENTIALS_DIR';

export function configFrom(
  env: Omit<EnvironmentValues<typeof environment>, MainVariables>,
): CameraServiceConfig {
  return {
    host: env.CAMERA_SERVICE_HOST,
    port: env.CAMERA_SERVICE_PORT,
    callers: callersFrom(env),
    metrics: metricsAccess(env),
    ffmpeg: { configured: env.FFMPEG_BIN, configuredProbe: env.FFPROBE_BIN, searchPath: env.PATH },
    ffmpegLimits: ffmpegLimitsFrom(env),
    mediaFolder: env.CAMPLANE_MEDIA_DIR,
    cameraNetworks: env.CAMPLANE_CAMERA_NETWORKS,
    ownPorts: new Set([env.MEDIAMTX_API_URL, env.MEDIAMTX_RTSP_URL].map(portOf)),
    dataFolder: env.DATA_DIR,
    maxFps: env.MAX_FPS,
    startsPerSecond: env.CAMPLANE_STARTS_PER_SECOND,
    readiness: 'cameras',
    mediaMtx: {
      apiUrl: env.MEDIAMTX_API_URL,
      apiCredentials: null,
      rtspUrl: env.MEDIAMTX_RTSP_URL,
      readPassword: env.MEDIAMTX_READ_PASSWORD ?? null,
      hookPassword: null,
    },
    addresses: viewerAddresses(env),
  };
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === '' ? (defaultPorts[protocol] ?? 0) : Number(port);
}

const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'rtsp:': 554 };
