import { describe, expect, it } from '@jest/globals';
import { readEnvironment } from '@camplane/service-kit/environment';
import { configFrom, environment } from './environment.ts';

const limitsOf = (env: NodeJS.ProcessEnv) =>
  configFrom(
    readEnvironment(environment, {
      CAMPLANE_NAMESPACE: 'camplane',
      CAMPLANE_CAMERA_SERVICE_IMAGE: 'camera-service',
      CAMPLANE_MEDIAMTX_IMAGE: 'mediamtx',
      ...env,
    }),
  ).settings.ffmpegLimits;

describe('the environment of camera-operator', () => {
  it('passes limits of FFmpeg to camera pods only if they differ from the defaults', () => {
    expect(limitsOf({})).toEqual({});
    expect(
      limitsOf({ FFMPEG_ENCODE_CORES: '4', FFMPEG_COPY_CORES: '0.5', FFMPEG_MEMORY_MIB: '300' }),
    ).toEqual({
      FFMPEG_COPY_CORES: '0.5',
      FFMPEG_MEMORY_MIB: '300',
    });
  });
});
