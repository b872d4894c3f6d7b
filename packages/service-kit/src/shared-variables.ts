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
  MAX_FPS: {
    schema: integerValue(1, 30),
    default: '20',
    description: 'Maximum JPEG frames per second taken from each camera, regardless of its `frames.fps`.',
  },
};
