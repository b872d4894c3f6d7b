import type { CameraResourceSpec } from '@camplane/contracts/camera-resource';
import { workloadPorts } from '@camplane/contracts/camera-workload';
import { configKeys } from './config-map.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { containerNames } from './pod.ts';
import { sourcesOf } from './sources.ts';
import { cameraServiceResources, mediaServerResources } from './workload-resources.ts';

export const mounts = {
  cameras: { name: 'cameras', mountPath: '/etc/camplane', readOnly: true },
  credentials: { name: 'credentials', mountPath: '/etc/camplane/credentials', readOnly: true },
  kafka: { name: 'kafka', mountPath: '/etc/camplane/kafka', readOnly: true },
  mediaServer: { name: 'mediamtx', mountPath: '/etc/mediamtx', readOnly: true },
  media: { name: 'media', mountPath: '/media', readOnly: true },
  data: { name: 'data', mountPath: '/data' },
  temporary: { name: 'tmp', mountPath: '/tmp' },
} as const;

const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

export function cameraServiceContainer(spec: CameraResourceSpec, settings: OperatorSettings) {
  const health = (path: string) => ({ httpGet: { path, port: 'http' } });
  return {
    name: containerNames.cameraService,
    image: settings.images.cameraService,
    imagePullPolicy: settings.imagePullPolicy,
    env: [...cameraServiceEnvironment(spec, settings), ...passwords(settings)],
    ports: [{ name: 'http', containerPort: workloadPorts.http, protocol: 'TCP' }],
    startupProbe: { ...health('/healthz'), periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 90 },
    livenessProbe: { ...health('/healthz'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    // Ready while its cameras run or wait for their first viewer.
    readinessProbe: { ...health('/readyz'), periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 1 },
    resources: resourcesOf(spec, settings),
    securityContext: restricted,
    volumeMounts: [
      mounts.cameras,
      ...(spec.source.credentialsSecretRef ? [mounts.credentials] : []),
      ...(settings.kafka?.secret ? [mounts.kafka] : []),
      ...(sourcesOf(spec).usesFiles && settings.mediaClaim !== null ? [mounts.media] : []),
      mounts.data,
      mounts.temporary,
    ],
  };
}

export function mediaServerContainer(settings: OperatorSettings) {
  const listens = { tcpSocket: { port: 'rtsp' } };
  return {
    name: containerNames.mediaServer,
    image: settings.images.mediaMtx,
    imagePullPolicy: settings.imagePullPolicy,
    restartPolicy: 'Always',
    args: [`${mounts.mediaServer.mountPath}/${configKeys.mediaServer}`],
    ports: [{ name: 'rtsp', containerPort: workloadPorts.rtsp, protocol: 'TCP' }],
    startupProbe: { ...listens, periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 60 },
    livenessProbe: { ...listens, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    readinessProbe: { ...listens, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2 },
    resources: mediaServerResources,
    securityContext: restricted,
    // For the slates that camera-service writes.
    volumeMounts: [mounts.mediaServer, { ...mounts.data, readOnly: true }],
  };
}

function cameraServiceEnvironment(spec: CameraResourceSpec, settings: OperatorSettings) {
  const { addresses, kafkaBrokers } = settings;
  const variables: Record<string, string | null> = {
    CAMERA_SERVICE_HOST: '0.0.0.0',
    CAMERA_SERVICE_PORT: String(workloadPorts.http),
    CAMPLANE_CAMERAS_FILE: `${mounts.cameras.mountPath}/${configKeys.cameras}`,
    CAMPLANE_CREDENTIALS_DIR: spec.source.credentialsSecretRef ? mounts.credentials.mountPath : null,
    CAMPLANE_MEDIA_DIR: mounts.media.mountPath,
    DATA_DIR: mounts.data.mountPath,
    MAX_FPS: String(settings.maxFps),
    CAMPLANE_CAMERA_NETWORKS: settings.cameraNetworks,
    ...settings.ffmpegLimits,
    // Its default is not passed.
    METRICS_ACCESS: settings.openMetrics === true ? 'open' : null,
    KAFKA_BROKERS: kafkaBrokers,
    ...settings.kafka?.variables,
    CAMPLANE_PUBLIC_RTSP_URL: addresses.rtsp,
    CAMPLANE_PUBLIC_HLS_URL: addresses.hls,
    CAMPLANE_PUBLIC_WEBRTC_URL: addresses.webrtc,
    LOG_LEVEL: settings.logLevel,
  };
  return Object.entries(variables).flatMap(([name, value]) =>
    value === null || value === '' ? [] : [{ name, value }],
  );
}

/** Keys of the Secret by variable of camera-service. */
const optionalKeys = {
  CONTROL_API_PASSWORD: 'control-api-password',
  CAMERA_OPERATOR_PASSWORD: 'operator-password',
  CAMERA_SERVICE_SHARED_PASSWORD: 'service-password',
  METRICS_TOKEN: 'metrics-token',
} as const;

function passwords({ mediaSecret }: OperatorSettings) {
  if (mediaSecret === null) return [];
  const secretKeyRef = { name: mediaSecret, key: 'read-password' };
  return [
    { name: 'MEDIAMTX_READ_PASSWORD', valueFrom: { secretKeyRef } },
    // Secrets from before these keys existed lack them.
    ...Object.entries(optionalKeys).map(([name, key]) => ({
      name,
      valueFrom: { secretKeyRef: { name: mediaSecret, key, optional: true } },
    })),
  ];
}

function resourcesOf(spec: CameraResourceSpec, settings: OperatorSettings) {
  const { requests, limits } = cameraServiceResources(spec.video.mode);
  const extended: Record<string, string> = Object.fromEntries(
    Object.entries(spec.placement.extendedResources).map(([name, amount]) => [name, String(amount)]),
  );
  for (const device of sourcesOf(spec).devices) {
    if (settings.videoDeviceResource === null) continue;
    extended[settings.videoDeviceResource.replaceAll('{device}', device)] = '1';
  }
  return { requests, limits: { ...limits, ...extended } };
}
