import { environment as cameraService } from '@camplane/camera-service/environment';
import { environment as controlApi } from '@camplane/control-api/environment';
import { detectorVariables } from '@camplane/detection-service/detector-settings';
import { environment as detectionService } from '@camplane/detection-service/environment';
import { busVariables } from '@camplane/event-bus/open-bus';
import { defineEnvironment } from '@camplane/service-kit/environment';
import { portValue, switchValue, textValue, wordValue } from '@camplane/service-kit/environment-values';

const {
  CAMERA_SERVICE_PORT,
  DATA_DIR,
  MAX_FPS,
  FFMPEG_BIN,
  PATH,
  CAMPLANE_MEDIA_DIR,
  CAMPLANE_STARTS_PER_SECOND,
} = cameraService.variables;
const {
  HTTP_HOST,
  HTTP_PORT,
  DATABASE_URL,
  CAMPLANE_MAX_CAMERAS,
  CAMPLANE_ALLOWED_HOSTS,
  CAMPLANE_ALLOWED_ORIGINS,
  FRAME_STORAGE_PATH,
  FRAME_STORAGE_MAX_BYTES,
  FRAME_RETENTION_DAYS,
  DETECTION_RETENTION_DAYS,
} = controlApi.variables;
const { DETECTION_SERVICE_PORT, DETECTION_FRAME_MAX_AGE, DETECTION_WORKERS } = detectionService.variables;

/** Everything on one machine. Only what a person may want to set; the addresses between the parts follow. */
export const environment = defineEnvironment('standalone', {
  HTTP_PORT,
  HTTP_HOST,
  DATA_DIR,
  DATABASE_URL,
  ...busVariables,
  DEMO_CAMERA: {
    schema: switchValue,
    default: 'on',
    description: 'Whether a demonstration camera is simulated and added: people walking, in overlay mode.',
  },
  MAX_FPS,
  FFMPEG_BIN,
  PATH,
  MEDIAMTX_BIN: {
    schema: textValue().optional(),
    description: 'MediaMTX 1.20 program; found in .tools/bin or on the PATH where not set.',
    example: '/usr/local/bin/mediamtx',
  },
  MEDIA_HOST: {
    // FFmpeg publishes over loopback, and only from there: an address of one interface alone would shut it out.
    schema: wordValue(['127.0.0.1', '0.0.0.0']),
    default: '127.0.0.1',
    description:
      'Address on which MediaMTX serves viewers. There is no access control yet: another address than loopback shows every camera to that network.',
  },
  CAMPLANE_PUBLIC_HOST: {
    schema: textValue(253),
    default: '127.0.0.1',
    description:
      'Host name or address under which viewers reach this machine: it stands in the addresses that they are told.',
    example: '192.168.1.20',
  },
  RTSP_PORT: { schema: portValue, default: '8554', description: 'MediaMTX: RTSP, for VLC.' },
  HLS_PORT: { schema: portValue, default: '8888', description: 'MediaMTX: HLS over HTTP.' },
  WEBRTC_PORT: {
    schema: portValue,
    default: '8889',
    description: 'MediaMTX: WebRTC signalling (WHEP) over HTTP.',
  },
  WEBRTC_MEDIA_PORT: {
    schema: portValue,
    default: '8189',
    description: 'MediaMTX: WebRTC media, UDP and TCP.',
  },
  MEDIAMTX_API_PORT: {
    schema: portValue,
    default: '9997',
    description: 'MediaMTX: control API, on loopback.',
  },
  MEDIAMTX_API_PASSWORD: {
    schema: textValue(256).optional(),
    description:
      "Password of MediaMTX's control API, whose user is `camplane`: for looking into it by hand. A new random one at each start where not set.",
    secret: true,
  },
  CAMERA_SERVICE_PORT,
  DETECTION_SERVICE_PORT,
  DETECTION_WORKERS,
  DETECTION_FRAME_MAX_AGE,
  ...detectorVariables,
  FRAME_STORAGE_PATH,
  FRAME_STORAGE_MAX_BYTES,
  FRAME_RETENTION_DAYS,
  DETECTION_RETENTION_DAYS,
  CAMPLANE_MEDIA_DIR,
  CAMPLANE_STARTS_PER_SECOND,
  CAMPLANE_MAX_CAMERAS,
  CAMPLANE_ALLOWED_HOSTS,
  CAMPLANE_ALLOWED_ORIGINS,
});
