import { busVariables } from '@camplane/event-bus/open-bus';
import { clusterVariables } from '@camplane/kubernetes/cluster-variables';
import { defineEnvironment } from '@camplane/service-kit/environment';
import type { EnvironmentValues } from '@camplane/service-kit/environment';
import {
  integerValue,
  portValue,
  textValue,
  urlValue,
  wordValue,
} from '@camplane/service-kit/environment-values';
import { z } from 'zod';
import { defaultRetention } from './config.ts';
import type { ControlApiConfig } from './config.ts';

const localMediaOrigins =
  'http://127.0.0.1:8888,http://127.0.0.1:8889,http://localhost:8888,http://localhost:8889';

export const environment = defineEnvironment('control-api', {
  ...busVariables,
  HTTP_PORT: {
    schema: portValue,
    default: '8080',
    description: 'The port of the HTTP and WebSocket API and of the dashboard.',
    example: '8081',
  },
  HTTP_HOST: {
    schema: textValue(255),
    default: '127.0.0.1',
    description:
      'The address to listen on. There is no login yet: anything but loopback is open to its network.',
    example: '0.0.0.0',
  },
  DATABASE_URL: {
    schema: urlValue(['postgres', 'postgresql']).optional(),
    description:
      'A PostgreSQL server for detections and, where `CAMERA_REGISTRY` says so, cameras. Without it they are kept in ' +
      '`DATA_DIR/database`.',
    example: 'postgres://camplane:password@127.0.0.1:5432/camplane',
    secret: true,
  },
  DATA_DIR: {
    schema: textValue(),
    default: './data',
    description: 'The folder of the embedded database. One process a folder.',
    example: '/var/lib/camplane',
  },
  FRAME_STORAGE_PATH: {
    schema: textValue().optional(),
    description:
      'The folder of the pictures of detections. Not set: `frames` in `DATA_DIR`. Replicas share one folder.',
    example: '/var/lib/camplane/frames',
  },
  FRAME_RETENTION_DAYS: {
    schema: integerValue(1, 3650),
    default: String(defaultRetention.frameRetentionDays),
    description: 'For how many days pictures of detections are kept.',
    example: '30',
  },
  FRAME_STORAGE_MAX_BYTES: {
    schema: integerValue(16 * 1024 * 1024, 1e15),
    default: String(defaultRetention.frameStorageMaxBytes),
    description: 'How many bytes pictures of detections may take; beyond it the oldest are removed.',
    example: '10000000000',
  },
  DETECTION_RETENTION_DAYS: {
    schema: integerValue(1, 3650),
    default: String(defaultRetention.detectionRetentionDays),
    description: 'For how many days detections are kept in the database; without a picture once it has gone.',
    example: '90',
  },
  CAMERA_SERVICE_URL: {
    schema: urlValue(),
    default: 'http://127.0.0.1:9100',
    description:
      'Where camera-service answers: probes of sources come from there, and pictures, unless `CAMERA_URL` is set.',
    example: 'http://camera-service:9100',
  },
  CAMERA_URL: {
    schema: urlValue()
      .refine((url) => url.includes('{id}'), "must contain {id}, which stands for a camera's id")
      .optional(),
    description:
      "Where each camera has a camera-service of its own: its address, `{id}` standing for the camera's id.",
    example: 'http://camera-{id}:9100',
  },
  CAMERA_REGISTRY: {
    schema: wordValue(['database', 'kubernetes']),
    default: 'database',
    description: 'Where cameras are kept: in the database, or as `Camera` resources of a cluster.',
    example: 'kubernetes',
  },
  CAMPLANE_NAMESPACE: {
    schema: textValue(63).optional(),
    description: 'The namespace whose cameras these are. Needed with `CAMERA_REGISTRY=kubernetes`.',
    example: 'camplane',
  },
  ...clusterVariables,
  DASHBOARD_DIR: {
    schema: textValue().optional(),
    description: 'The built dashboard. Without it a page says how to build it.',
    example: 'services/dashboard/dist',
  },
  CAMPLANE_MAX_CAMERAS: {
    schema: integerValue(1, 10_000),
    default: '200',
    description: 'How many cameras there may be.',
    example: '500',
  },
  CAMPLANE_ALLOWED_ORIGINS: {
    schema: listOf(isOrigin, 'must be origins like https://cameras.example, separated by commas').optional(),
    description:
      'Origins of other web pages that may call this API and follow its events, separated by commas. Its own is ' +
      'always allowed; their host names are accepted as `Host` as well.',
    example: 'https://cameras.example',
  },
  CAMPLANE_ALLOWED_HOSTS: {
    schema: listOf(isHostName, 'must be host names without a port, separated by commas').optional(),
    description:
      'Host names under which this API is called, separated by commas. Loopback names and literal addresses always ' +
      'work; others are refused, so that a page cannot reach it by DNS rebinding.',
    example: 'camplane.internal,control-api',
  },
  CAMPLANE_MEDIA_ORIGINS: {
    schema: listOf(isOrigin, 'must be origins like https://media.example, separated by commas'),
    default: localMediaOrigins,
    description:
      "Origins of MediaMTX's HLS and WebRTC servers as the browser sees them, separated by commas: the dashboard's " +
      'content security policy lets it connect to these alone.',
    example: 'https://media.example',
  },
});

/** The configuration that the environment asks for. */
export function configFrom(values: EnvironmentValues<typeof environment>): ControlApiConfig {
  return {
    host: values.HTTP_HOST,
    port: values.HTTP_PORT,
    ...(values.DATABASE_URL === undefined ? {} : { databaseUrl: values.DATABASE_URL }),
    dataDir: values.DATA_DIR,
    ...(values.FRAME_STORAGE_PATH === undefined ? {} : { frameStoragePath: values.FRAME_STORAGE_PATH }),
    frameRetentionDays: values.FRAME_RETENTION_DAYS,
    frameStorageMaxBytes: values.FRAME_STORAGE_MAX_BYTES,
    detectionRetentionDays: values.DETECTION_RETENTION_DAYS,
    cameraServiceUrl: values.CAMERA_SERVICE_URL,
    ...(values.CAMERA_URL === undefined ? {} : { cameraUrl: values.CAMERA_URL }),
    ...(values.DASHBOARD_DIR === undefined ? {} : { dashboardDir: values.DASHBOARD_DIR }),
    maxCameras: values.CAMPLANE_MAX_CAMERAS,
    allowedOrigins: values.CAMPLANE_ALLOWED_ORIGINS ?? [],
    allowedHosts: values.CAMPLANE_ALLOWED_HOSTS ?? [],
    mediaOrigins: values.CAMPLANE_MEDIA_ORIGINS,
  };
}

function listOf(isValid: (item: string) => boolean, message: string) {
  return z
    .string()
    .transform((text) => text.split(',').map((item) => item.trim().toLowerCase()))
    .refine((items) => items.length <= 100 && items.every(isValid), message)
    .meta({ description: 'list, separated by commas' });
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}

function isHostName(text: string): boolean {
  return /^[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?$/.test(text);
}
