import { z } from 'zod';
import { integerValue, textValue } from './environment-values.ts';

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
  CAMERA_SERVICE_PASSWORD: {
    schema: textValue(256).min(32, 'must be at least 32 characters').optional(),
    description:
      'Password that control-api and camera-operator send to camera-service, 32 random characters or more. Then camera-service ' +
      'refuses status, snapshots and probes to others. If not set, everyone who reaches its port gets them; ' +
      'standalone then uses a random one.',
    secret: true,
  },
  MAX_FPS: {
    schema: integerValue(1, 30),
    default: '20',
    description: 'Maximum JPEG frames per second taken from each camera, regardless of its `frames.fps`.',
  },
};
