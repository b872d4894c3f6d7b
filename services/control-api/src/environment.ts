import { busVariables } from '@camplane/event-bus/bus-variables';
import { clusterVariables, namespaceVariable } from '@camplane/kubernetes/cluster-variables';
import { defineEnvironment } from '@camplane/service-kit/environment';
import type { EnvironmentValues } from '@camplane/service-kit/environment';
import {
  integerValue,
  portValue,
  textValue,
  urlValue,
  wordValue,
} from '@camplane/service-kit/environment-values';
import { metricsAccess, metricsVariables } from '@camplane/service-kit/metrics-access';
import { cameraServiceCallerVariables, cameraServicePasswords } from '@camplane/service-kit/service-fetch';
import { sharedVariables } from '@camplane/service-kit/shared-variables';
import { StartupError } from '@camplane/service-kit/startup-error';
import { z } from 'zod';
import { defaultRetention } from './config.ts';
import type { ControlApiConfig } from './config.ts';
import { externalFrom, externalVariables } from './external-variables.ts';
import { keyFormat, parseCredentialsKey } from './credentials/credentials-key.ts';

const keyValue = z
  .string()
  .refine((text) => parseCredentialsKey(text) !== undefined, `must be ${keyFormat}`)
  .meta({ description: keyFormat });

const localMediaOrigins =
  'http://127.0.0.1:8888,http://127.0.0.1:8889,http://localhost:8888,http://localhost:8889';

const secretMinLength = 32;

export const environment = defineEnvironment('control-api', {
  ...busVariables,
  HTTP_PORT: {
    schema: portValue,
    default: '8080',
    description: 'Port of the HTTP and WebSocket API and of the dashboard.',
    example: '8081',
  },
  HTTP_HOST: {
    schema: textValue(255),
    default: '127.0.0.1',
    description:
      'Listen address of the API and the dashboard. With `CAMPLANE_AUTH=none` it must be a loopback address.',
    example: '0.0.0.0',
  },
  TLS_CERT_FILE: {
    schema: textValue().optional(),
    description:
      'Certificate of the API and the dashboard with its chain, in PEM. With it and `TLS_KEY_FILE` they are served over ' +
      'HTTPS alone. Replaced files are loaded within seconds, without closing connections.',
    example: '/etc/camplane/tls.crt',
  },
  TLS_KEY_FILE: {
    schema: textValue().optional(),
    description: 'Private key of `TLS_CERT_FILE`, in PEM.',
    example: '/etc/camplane/tls.key',
  },
  CAMPLANE_AUTH: {
    schema: wordValue(['local', 'none']),
    default: 'local',
    description:
      'Who may do what: `local` for users with passwords and API tokens, `none` for no access control. `none` needs ' +
      'loopback addresses, so that only this machine has access.',
    example: 'none',
  },
  MEDIA_TICKET_SECRET: {
    schema: textValue(256).min(secretMinLength, 'must be at least 32 characters').optional(),
    description:
      'Secret that signs stream tickets, 32 random characters or more; replicas share it. If not set, a random one is ' +
      'written to `DATA_DIR/media-ticket-secret`.',
    secret: true,
  },
  MEDIA_HOOK_PORT: {
    schema: portValue.optional(),
    description:
      'Port for the auth hook of MediaMTX edges, `POST /mediamtx/auth`, at the address `HTTP_HOST`. Set ' +
      '`authHTTPAddress` of the edge to it. Off if not set.',
    example: '8082',
  },
  MEDIA_HOOK_PASSWORD: {
    schema: textValue(256)
      .min(secretMinLength, 'must be at least 32 characters')
      .regex(/^[A-Za-z0-9._~-]+$/, 'must consist of letters, digits and the characters . _ ~ -')
      .optional(),
    description:
      'Password of the user `mediamtx`, with which edges call the auth hook, 32 random characters or more. It is in ' +
      '`authHTTPAddress` of the edge: `http://mediamtx:PASSWORD@HOST:8082/mediamtx/auth`. Callers without it get 401. If ' +
      'not set, everybody who reaches the port may ask, and a warning says so.',
    secret: true,
  },
  MEDIA_API_URLS: {
    schema: listOf(
      isHttpUrl,
      'must be addresses like http://mediamtx-pods:9997, separated by commas',
    ).optional(),
    description:
      'Control APIs of the MediaMTX servers that viewers read from, separated by commas, to end sessions whose right has ' +
      'ended. A host name stands for every address that it resolves to, such as the pods of a headless Service.',
    example: 'http://mediamtx-pods:9997',
  },
  MEDIA_WEBRTC_URL: {
    schema: urlValue().optional(),
    description:
      'Address of the WebRTC server of MediaMTX, which answers WebRTC offers to the API. If not set, port 8889 of the ' +
      'hosts in `MEDIA_API_URLS`. A host name stands for every address that it resolves to, over HTTPS only with ' +
      '`MEDIA_CERT_FILE`.',
    example: 'http://mediamtx-pods:8889',
  },
  MEDIA_CERT_FILE: {
    schema: textValue().optional(),
    description:
      'File with the certificate of the server in `MEDIA_WEBRTC_URL` and its chain, in PEM. Set it if the certificate is not ' +
      'valid for that address, such as that of a pod: the server must then present this certificate, or one for the same name ' +
      'from an authority in the file or of Node.js. If not set, the certificate must be valid for the host name of the address. ' +
      'Read again at each session.',
    example: '/etc/camplane/tls.crt',
  },
  MEDIA_API_PASSWORD: {
    schema: textValue(256).optional(),
    description:
      'Password of the user `camplane` of these control APIs. The hook accepts it for the action `api`. If not set, the ' +
      'APIs are called without a login, and the hook refuses the action.',
    secret: true,
  },
  CAMPLANE_ADMIN_PASSWORD: {
    schema: textValue(256).min(12, 'must be at least 12 characters').optional(),
    description:
      'Password of the user `admin` when it is created, at the first start. If not set, a random password is written ' +
      'to `DATA_DIR/admin-password`. Later changes of this variable have no effect.',
    secret: true,
  },
  AUDIT_RETENTION_DAYS: {
    schema: integerValue(1, 3650),
    default: String(defaultRetention.auditRetentionDays),
    description: 'Retention of the audit log in the database, in days.',
    example: '365',
  },
  DATABASE_URL: {
    schema: urlValue(['postgres', 'postgresql']).optional(),
    description:
      'PostgreSQL server for detections and, with `CAMERA_REGISTRY=database`, cameras. If not set, an embedded ' +
      'PostgreSQL keeps them in `DATA_DIR/postgresql`.',
    example: 'postgres://camplane:password@127.0.0.1:5432/camplane',
    secret: true,
  },
  DATABASE_CA_FILE: {
    schema: textValue().optional(),
    description:
      'Certificate authorities of the server in `DATABASE_URL`, in PEM. With it, the connection uses TLS, and the ' +
      'certificate and its host name are verified. Without it, `sslmode=verify-full` in `DATABASE_URL` does so with the ' +
      'authorities in `sslrootcert`, or those of Node. Read again at each connection.',
    example: '/etc/camplane/database/ca.crt',
  },
  DATA_DIR: sharedVariables.DATA_DIR,
  POSTGRES_BIN: {
    schema: textValue().optional(),
    description:
      'PostgreSQL 14 or newer (`postgres`, with `initdb` in the same folder) for the embedded database; the one of the ' +
      'npm package for this platform if not set, else the first on the `PATH`.',
    example: '/usr/lib/postgresql/18/bin/postgres',
  },
  PATH: sharedVariables.PATH,
  CAMPLANE_CREDENTIALS_KEY: {
    schema: keyValue.optional(),
    description:
      'Key that encrypts the passwords of cameras in the database. If not set, it is read from ' +
      '`CAMPLANE_CREDENTIALS_KEY_FILE`. Several replicas need the same key. Not used with `CAMERA_REGISTRY=kubernetes`.',
    secret: true,
  },
  CAMPLANE_CREDENTIALS_KEY_FILE: {
    schema: textValue().optional(),
    description:
      'File with the key that encrypts the passwords of cameras, readable by its owner alone. If not set, ' +
      '`credentials.key` in `DATA_DIR`. Created with a random key if it does not exist.',
    example: '/etc/camplane/credentials.key',
  },
  CAMPLANE_CREDENTIALS_KEY_PREVIOUS: {
    schema: keyValue.optional(),
    description:
      'Earlier key, during a change of the key: the start encrypts what has it with the current key. A file ' +
      'with the name of the key file and `.previous` does the same.',
    secret: true,
  },
  FRAME_STORAGE_PATH: {
    schema: textValue().optional(),
    description:
      'Folder for images of detections; `frames` in `DATA_DIR` if not set. Replicas share one folder.',
    example: '/var/lib/camplane/frames',
  },
  FRAME_RETENTION_DAYS: {
    schema: integerValue(1, 3650),
    default: String(defaultRetention.frameRetentionDays),
    description: 'Retention of images of detections, in days.',
    example: '30',
  },
  FRAME_STORAGE_MAX_BYTES: {
    schema: integerValue(16 * 1024 * 1024, 1e15),
    default: String(defaultRetention.frameStorageMaxBytes),
    description: 'Maximum size of all images of detections, in bytes. Above it, the oldest are deleted.',
    example: '10000000000',
  },
  DETECTION_RETENTION_DAYS: {
    schema: integerValue(1, 3650),
    default: String(defaultRetention.detectionRetentionDays),
    description: 'Retention of detections in the database, in days. Their images may be deleted earlier.',
    example: '90',
  },
  CAMERA_SERVICE_URL: sharedVariables.CAMERA_SERVICE_URL,
  STREAM_PROXY_URL: {
    schema: urlValue(['http']).optional(),
    description:
      'Address of stream-proxy. If not set, live JPEG is not available. A host name stands for every address that it ' +
      'resolves to, such as the pods of a headless Service: each camera has one of them.',
    example: 'http://stream-proxy-pods:8081',
  },
  ...cameraServiceCallerVariables,
  STREAM_PROXY_SECRET: sharedVariables.STREAM_PROXY_SECRET,
  CAMERA_URL: {
    schema: urlValue()
      .refine((url) => url.includes('{id}'), "must contain {id}, which is replaced by a camera's id")
      .optional(),
    description:
      "Address of each camera's own camera-service; `{id}` is replaced by the camera's id. Set where every camera has its own.",
    example: 'http://camera-{id}:9100',
  },
  CAMERA_REGISTRY: {
    schema: wordValue(['database', 'kubernetes']),
    default: 'database',
    description: 'Store of cameras: the database, or `Camera` resources of a cluster.',
    example: 'kubernetes',
  },
  CAMPLANE_NAMESPACE: { ...namespaceVariable, schema: namespaceVariable.schema.optional() },
  ...clusterVariables,
  DASHBOARD_DIR: {
    schema: textValue().optional(),
    description: 'Folder of the built dashboard. If not set, a page explains how to build it.',
    example: 'services/dashboard/dist',
  },
  CAMPLANE_MAX_CAMERAS: {
    schema: integerValue(1, 10_000),
    default: '200',
    description: 'Maximum number of cameras.',
    example: '500',
  },
  CAMPLANE_ALLOWED_ORIGINS: {
    schema: listOf(isOrigin, 'must be origins like https://cameras.example, separated by commas').optional(),
    description:
      'Origins of other web pages that may call the API and receive its events, separated by commas. Its own origin ' +
      'is always allowed. The host names of the origins are also accepted as `Host`.',
    example: 'https://cameras.example',
  },
  CAMPLANE_ALLOWED_HOSTS: {
    schema: listOf(isHostName, 'must be host names without a port, separated by commas').optional(),
    description:
      'Host names accepted as `Host`, separated by commas. Loopback names and IP addresses are always accepted; ' +
      'others are refused, to prevent DNS rebinding.',
    example: 'camplane.internal,control-api',
  },
  ...metricsVariables,
  ...externalVariables,
  CAMPLANE_MEDIA_ORIGINS: {
    schema: listOf(isOrigin, 'must be origins like https://media.example, separated by commas'),
    default: localMediaOrigins,
    description:
      "Origins of MediaMTX's HLS and WebRTC servers as browsers reach them, separated by commas. The dashboard's " +
      'content security policy allows connections to these only.',
    example: 'https://media.example',
  },
});

/** Used by `main.ts` and `cluster.ts`. Other compositions pass their own bus and camera store. */
type MainVariables =
  keyof typeof busVariables | 'CAMERA_REGISTRY' | 'CAMPLANE_NAMESPACE' | keyof typeof clusterVariables;

export function configFrom(
  env: Omit<EnvironmentValues<typeof environment>, MainVariables>,
): ControlApiConfig {
  return {
    auth: env.CAMPLANE_AUTH,
    ...externalFrom(env),
    ...(env.CAMPLANE_ADMIN_PASSWORD === undefined ? {} : { adminPassword: env.CAMPLANE_ADMIN_PASSWORD }),
    auditRetentionDays: env.AUDIT_RETENTION_DAYS,
    host: env.HTTP_HOST,
    ...tlsFrom(env),
    port: env.HTTP_PORT,
    ...(env.DATABASE_URL === undefined ? {} : { databaseUrl: env.DATABASE_URL }),
    ...(env.DATABASE_CA_FILE === undefined ? {} : { databaseCaFile: env.DATABASE_CA_FILE }),
    dataDir: env.DATA_DIR,
    ...(env.CAMPLANE_CREDENTIALS_KEY === undefined ? {} : { credentialsKey: env.CAMPLANE_CREDENTIALS_KEY }),
    ...(env.CAMPLANE_CREDENTIALS_KEY_FILE === undefined
      ? {}
      : { credentialsKeyFile: env.CAMPLANE_CREDENTIALS_KEY_FILE }),
    ...(env.CAMPLANE_CREDENTIALS_KEY_PREVIOUS === undefined
      ? {}
      : { credentialsKeyPrevious: env.CAMPLANE_CREDENTIALS_KEY_PREVIOUS }),
    ...(env.POSTGRES_BIN === undefined ? {} : { postgresBin: env.POSTGRES_BIN }),
    searchPath: env.PATH,
    ...(env.FRAME_STORAGE_PATH === undefined ? {} : { frameStoragePath: env.FRAME_STORAGE_PATH }),
    frameRetentionDays: env.FRAME_RETENTION_DAYS,
    frameStorageMaxBytes: env.FRAME_STORAGE_MAX_BYTES,
    detectionRetentionDays: env.DETECTION_RETENTION_DAYS,
    cameraServiceUrl: env.CAMERA_SERVICE_URL,
    cameraServicePasswords: cameraServicePasswords(env),
    metrics: metricsAccess(env),
    ...streamProxyFrom(env),
    ...(env.CAMERA_URL === undefined ? {} : { cameraUrl: env.CAMERA_URL }),
    ...(env.DASHBOARD_DIR === undefined ? {} : { dashboardDir: env.DASHBOARD_DIR }),
    maxCameras: env.CAMPLANE_MAX_CAMERAS,
    allowedOrigins: env.CAMPLANE_ALLOWED_ORIGINS ?? [],
    allowedHosts: env.CAMPLANE_ALLOWED_HOSTS ?? [],
    mediaOrigins: env.CAMPLANE_MEDIA_ORIGINS,
    media: {
      apiUrls: env.MEDIA_API_URLS ?? [],
      ...(env.MEDIA_TICKET_SECRET === undefined ? {} : { ticketSecret: env.MEDIA_TICKET_SECRET }),
      ...(env.MEDIA_HOOK_PORT === undefined ? {} : { hookPort: env.MEDIA_HOOK_PORT }),
      ...(env.MEDIA_HOOK_PASSWORD === undefined ? {} : { hookPassword: env.MEDIA_HOOK_PASSWORD }),
      ...(env.MEDIA_WEBRTC_URL === undefined ? {} : { webrtcUrl: env.MEDIA_WEBRTC_URL }),
      ...(env.MEDIA_CERT_FILE === undefined ? {} : { certFile: env.MEDIA_CERT_FILE }),
      ...(env.MEDIA_API_PASSWORD === undefined ? {} : { apiPassword: env.MEDIA_API_PASSWORD }),
    },
  };
}

/** @throws StartupError for an address without the secret */
function streamProxyFrom({
  STREAM_PROXY_URL: url,
  STREAM_PROXY_SECRET: secret,
}: Pick<EnvironmentValues<typeof environment>, 'STREAM_PROXY_URL' | 'STREAM_PROXY_SECRET'>): Pick<
  ControlApiConfig,
  'streamProxy'
> {
  if (url === undefined) return {};
  if (secret === undefined) {
    throw new StartupError('STREAM_PROXY_SECRET is not set: set it to the secret of stream-proxy');
  }
  return { streamProxy: { url, secret } };
}

/** @throws StartupError if only one of the files is named */
function tlsFrom({
  TLS_CERT_FILE: certFile,
  TLS_KEY_FILE: keyFile,
}: Pick<EnvironmentValues<typeof environment>, 'TLS_CERT_FILE' | 'TLS_KEY_FILE'>): Pick<
  ControlApiConfig,
  'tls'
> {
  if (certFile === undefined && keyFile === undefined) return {};
  if (certFile === undefined || keyFile === undefined) {
    const missing = certFile === undefined ? 'TLS_CERT_FILE' : 'TLS_KEY_FILE';
    throw new StartupError(`${missing} is not set: TLS needs the certificate and its key, or neither`);
  }
  return { tls: { certFile, keyFile } };
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

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).pathname === '/';
}

function isHostName(text: string): boolean {
  return /^[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?$/.test(text);
}
