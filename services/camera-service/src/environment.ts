import { z } from 'zod';
import { busVariables } from '@camplane/event-bus/open-bus';
import { viewerAddressVariables } from '@camplane/mediamtx/viewer-addresses';
import { defineEnvironment } from '@camplane/service-kit/environment';
import { integerValue, portValue, textValue, urlValue } from '@camplane/service-kit/environment-values';

export const environment = defineEnvironment('camera-service', {
  ...busVariables,
  CAMERA_SERVICE_HOST: {
    schema: textValue(255),
    default: '127.0.0.1',
    description:
      'Address that camera-service listens on. It has no access control of its own: keep it inside.',
  },
  CAMERA_SERVICE_PORT: {
    schema: portValue,
    default: '9100',
    description: 'Port of camera-service: status, snapshots, metrics and the access hook of MediaMTX.',
  },
  DATA_DIR: {
    schema: textValue(),
    default: './data',
    description:
      'Folder for what is kept: the embedded database, slates, pipes. MediaMTX reads the slates there.',
  },
  MAX_FPS: {
    schema: integerValue(1, 30),
    default: '20',
    description: 'Most JPEG frames a second that are taken of any camera, whatever it asks for.',
  },
  FFMPEG_BIN: {
    schema: textValue().optional(),
    description: 'FFmpeg program, with ffprobe beside it; found on the PATH where not set.',
    example: '/usr/bin/ffmpeg',
  },
  PATH: {
    schema: z.string().default(''),
    description: 'Where programs (FFmpeg, MediaMTX) are looked for, as everywhere.',
  },
  CAMPLANE_MEDIA_DIR: {
    schema: textValue(),
    default: './media',
    description: 'Folder below which `file:` sources live.',
  },
  CAMPLANE_STARTS_PER_SECOND: {
    schema: integerValue(1, 1000),
    default: '10',
    description:
      'Most streams started a second, so that many cameras that come back together do not all start at once.',
  },
  CAMPLANE_CAMERAS_FILE: {
    schema: textValue(),
    default: './cameras.json',
    description: 'JSON file with the cameras to run; read again when it changes.',
  },
  CAMPLANE_CREDENTIALS_DIR: {
    schema: textValue().optional(),
    description:
      'Folder with the files `username` and `password` of the one camera in `CAMPLANE_CAMERAS_FILE`, as a Secret is mounted; read again when it changes. Without the files the camera is opened without a login.',
    example: '/etc/camplane/credentials',
  },
  MEDIAMTX_API_URL: {
    schema: urlValue(),
    default: 'http://127.0.0.1:9997',
    description: 'Control API of the MediaMTX that the cameras are published to.',
  },
  MEDIAMTX_RTSP_URL: {
    schema: urlValue(['rtsp']),
    default: 'rtsp://127.0.0.1:8554',
    description: 'RTSP address at which camera-service publishes to MediaMTX.',
  },
  ...viewerAddressVariables,
});
