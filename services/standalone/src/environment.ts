import { environment as cameraService } from '@camplane/camera-service/environment';
import { environment as controlApi } from '@camplane/control-api/environment';
import { environment as detectionService } from '@camplane/detection-service/environment';
import { environment as streamProxy } from '@camplane/stream-proxy/environment';
import { composeEnvironments } from '@camplane/service-kit/compose-environments';
import type { EnvironmentValues } from '@camplane/service-kit/environment';
import { portValue, switchValue, textValue, wordValue } from '@camplane/service-kit/environment-values';

export const environment = composeEnvironments('standalone', {
  services: [cameraService, detectionService, streamProxy, controlApi],
  // Addresses between the services, and what only a cluster has.
  fixed: [
    'CAMERA_SERVICE_HOST',
    'CAMERA_SERVICE_PASSWORD',
    'CAMERA_SERVICE_PREVIOUS_PASSWORD',
    'CAMERA_SERVICE_SHARED_PASSWORD',
    'CAMERA_SERVICE_URL',
    'CAMERA_URL',
    'CAMERA_REGISTRY',
    'CAMPLANE_CAMERAS_FILE',
    'CAMPLANE_CREDENTIALS_DIR',
    'CAMPLANE_MEDIA_ORIGINS',
    'CAMPLANE_NAMESPACE',
    'CAMPLANE_PUBLIC_HLS_URL',
    'CAMPLANE_PUBLIC_RTSP_URL',
    'CAMPLANE_PUBLIC_WEBRTC_URL',
    'CONTROL_API_PASSWORD',
    'DASHBOARD_DIR',
    'DETECTION_SERVICE_HOST',
    'KUBECONFIG',
    'MEDIAMTX_API_URL',
    'MEDIA_API_PASSWORD',
    'MEDIA_API_URLS',
    'MEDIA_CERT_FILE',
    'MEDIA_HOOK_PASSWORD',
    'MEDIA_HOOK_PORT',
    'MEDIA_WEBRTC_URL',
    'MEDIAMTX_READ_PASSWORD',
    'MEDIAMTX_RTSP_URL',
    'STREAM_PROXY_HOST',
    'STREAM_PROXY_SECRET',
    'STREAM_PROXY_URL',
  ],
  own: {
    DEMO_CAMERA: {
      schema: switchValue,
      default: 'on',
      description: 'Whether to simulate and add a demonstration camera: people walking, in overlay mode.',
    },
    MEDIAMTX_BIN: {
      schema: textValue().optional(),
      description: 'MediaMTX 1.20 program; the one in `.tools/bin` or the first on the `PATH` if not set.',
      example: '/usr/local/bin/mediamtx',
    },
    MEDIA_HOST: {
      // FFmpeg publishes over loopback, so the address of a single other interface does not work.
      schema: wordValue(['127.0.0.1', '0.0.0.0']),
      default: '127.0.0.1',
      description:
        'Listen address of MediaMTX for viewers. With `CAMPLANE_AUTH=none` it must be a loopback address.',
    },
    CAMPLANE_PUBLIC_HOST: {
      schema: textValue(253),
      default: '127.0.0.1',
      description: 'Host name or address of this machine in the addresses that viewers use.',
      example: '192.168.1.20',
    },
    RTSP_PORT: { schema: portValue, default: '8554', description: 'Port of MediaMTX: RTSP, for VLC.' },
    RTSPS_PORT: {
      schema: portValue,
      default: '8322',
      description: 'Port of MediaMTX: RTSP over TLS. Used with `TLS_CERT_FILE`.',
    },
    HLS_PORT: { schema: portValue, default: '8888', description: 'Port of MediaMTX: HLS over HTTP.' },
    WEBRTC_PORT: {
      schema: portValue,
      default: '8889',
      description: 'Port of MediaMTX: WebRTC signalling (WHEP) over HTTP.',
    },
    WEBRTC_MEDIA_PORT: {
      schema: portValue,
      default: '8189',
      description: 'Port of MediaMTX: WebRTC media, UDP and TCP.',
    },
    MEDIAMTX_API_PORT: {
      schema: portValue,
      default: '9997',
      description: 'Port of MediaMTX: control API, on loopback.',
    },
    MEDIAMTX_API_PASSWORD: {
      schema: textValue(256).optional(),
      description:
        "Password of the user `camplane` of MediaMTX's control API, for manual inspection. Random at each start if not set.",
      secret: true,
    },
  },
});

export type StandaloneEnvironment = EnvironmentValues<typeof environment>;
