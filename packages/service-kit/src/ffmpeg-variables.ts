import { integerValue, numberValue } from './environment-values.ts';

const averaged =
  'cores on average over 30 s; a process that uses more is stopped and started again after a minute';

/** Limits of each FFmpeg. docs/design/0044-processor-time-of-ffmpeg.md explains the defaults. */
export const ffmpegVariables = {
  FFMPEG_MEMORY_MIB: {
    schema: integerValue(128, 1_048_576).optional(),
    description:
      'Maximum writable memory of each FFmpeg, in MiB, where `prlimit` of util-linux exists; 1024 plus 128 for each core if not set. ' +
      'A process that needs more fails.',
    example: '2048',
  },
  FFMPEG_COPY_CORES: {
    schema: numberValue(0.1, 1024),
    default: '1',
    description: `Maximum processor use of an FFmpeg that copies video, in ${averaged}.`,
  },
  FFMPEG_DECODE_CORES: {
    schema: numberValue(0.1, 1024),
    default: '2',
    description: `Maximum processor use of an FFmpeg that takes JPEG frames from video, in ${averaged}.`,
  },
  FFMPEG_ENCODE_CORES: {
    schema: numberValue(0.1, 1024),
    default: '4',
    description: `Maximum processor use of each FFmpeg of modes \`transcode\` and \`overlay\`, in ${averaged}.`,
  },
};
