import { z } from 'zod';
import { integerValue, textValue, urlValue } from './environment-values.ts';
import { serviceSecret } from './service-secret.ts';

/** Variables that several services read: declared once, so that each has one meaning and one default. */
export const sharedVariables = {
  DATA_DIR: {
    schema: textValue(),
    default: './data',
    description:
      'Folder for persistent data: the embedded database, images of detections, slates and pipes. ' +
      'Only one process may use it; MediaMTX reads slates from it.',
    example: '/var/lib/camplane',
  },
  PATH: {
    schema: z.string().default(''),
    description: 'Search path for FFmpeg, MediaMTX and PostgreSQL.',
  },
  FFMPEG_BIN: {
    schema: textValue().optional(),
    description: 'FFmpeg program, 5.1 to 9; the first on the `PATH` if not set.',
    example: '/usr/bin/ffmpeg',
  },
  FFPROBE_BIN: {
    schema: textValue().optional(),
    description:
      'ffprobe program; the one in the folder of FFmpeg if not set, else the first on the `PATH`. Its version may differ from that of FFmpeg.',
    example: '/usr/bin/ffprobe',
  },
  MEDIAMTX_RTSP_URL: {
    schema: urlValue(['rtsp']),
    default: 'rtsp://127.0.0.1:8554',
    description: 'RTSP address of the MediaMTX that streams are published to and read from.',
  },
  CAMERA_SERVICE_URL: {
    schema: urlValue(),
    default: 'http://127.0.0.1:9100',
    description:
      'Address of the camera-service that probes sources, and serves snapshots unless `CAMERA_URL` is set.',
    example: 'http://camera-service:9100',
  },
  STREAM_PROXY_SECRET: {
    schema: serviceSecret,
    description:
      'Secret that control-api presents to stream-proxy, 32 random characters or more, the same for both.',
    secret: true,
  },
  MAX_FPS: {
    schema: integerValue(1, 30),
    default: '20',
    description: 'Maximum JPEG frames per second taken from each camera, regardless of its `frames.fps`.',
  },
};
