import { busVariables } from '@camplane/event-bus/bus-variables';
import { ffmpegLimitsFrom } from '@camplane/ffmpeg/process-limits';
import { defineEnvironment } from '@camplane/service-kit/environment';
import type { EnvironmentValues } from '@camplane/service-kit/environment';
import { integerValue, portValue, textValue, wordValue } from '@camplane/service-kit/environment-values';
import { ffmpegVariables } from '@camplane/service-kit/ffmpeg-variables';
import { metricsAccess, metricsVariables } from '@camplane/service-kit/metrics-access';
import { sharedVariables } from '@camplane/service-kit/shared-variables';
import { StartupError } from '@camplane/service-kit/startup-error';
import type { StreamProxyConfig } from './app.ts';

export const environment = defineEnvironment('stream-proxy', {
  ...busVariables,
  STREAM_PROXY_HOST: {
    schema: textValue(255),
    default: '127.0.0.1',
    description: 'Listen address of stream-proxy. Only control-api needs to reach it.',
    example: '0.0.0.0',
  },
  STREAM_PROXY_PORT: {
    schema: portValue,
    default: '8081',
    description: 'Port of stream-proxy: live JPEG for control-api, health and metrics.',
  },
  STREAM_PROXY_SECRET: sharedVariables.STREAM_PROXY_SECRET,
  ...metricsVariables,
  STREAM_DEFAULT_QUALITY: {
    schema: wordValue(['low', 'medium', 'high']),
    default: 'medium',
    description:
      'Quality of live JPEG for clients that choose none: `low` is 640×360 at 5 pictures per second, `medium` 1280×720 ' +
      'at 10, `high` 1920×1080 at 15.',
  },
  STREAM_FRAME_BUFFER_SIZE: {
    schema: integerValue(1, 100),
    default: '5',
    description:
      'Pictures kept in memory of each running JPEG stream; a client that joins gets the latest at once.',
  },
  STREAM_MAX_CONCURRENT: {
    schema: integerValue(1, 1000),
    default: '10',
    description:
      'Maximum number of running JPEG streams of a replica, one for each camera and quality. Each decodes and encodes the ' +
      'video.',
  },
  STREAM_MAX_CLIENTS: {
    schema: integerValue(1, 10_000),
    default: '200',
    description: 'Maximum number of clients of all JPEG streams of a replica.',
  },
  FFMPEG_BIN: sharedVariables.FFMPEG_BIN,
  FFPROBE_BIN: sharedVariables.FFPROBE_BIN,
  PATH: sharedVariables.PATH,
  ...ffmpegVariables,
  MEDIAMTX_RTSP_URL: sharedVariables.MEDIAMTX_RTSP_URL,
});

/** Read by `main.ts` alone: other processes bring their own. */
type MainVariables = keyof typeof busVariables | 'MEDIAMTX_RTSP_URL';

/** @throws StartupError without STREAM_PROXY_SECRET */
export function configFrom(
  env: Omit<EnvironmentValues<typeof environment>, MainVariables>,
): StreamProxyConfig {
  if (env.STREAM_PROXY_SECRET === undefined) {
    throw new StartupError(
      'STREAM_PROXY_SECRET is not set: set it to 32 random characters or more, here and for control-api',
    );
  }
  return {
    host: env.STREAM_PROXY_HOST,
    port: env.STREAM_PROXY_PORT,
    secret: env.STREAM_PROXY_SECRET,
    metrics: metricsAccess(env),
    ffmpeg: { configured: env.FFMPEG_BIN, configuredProbe: env.FFPROBE_BIN, searchPath: env.PATH },
    ffmpegLimits: ffmpegLimitsFrom(env),
    defaultQuality: env.STREAM_DEFAULT_QUALITY,
    framesMax: env.STREAM_FRAME_BUFFER_SIZE,
    streamsMax: env.STREAM_MAX_CONCURRENT,
    clientsMax: env.STREAM_MAX_CLIENTS,
  };
}
