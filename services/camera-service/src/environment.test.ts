import { describe, expect, it } from '@jest/globals';
import { defaultFfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { readEnvironment } from '@camplane/service-kit/environment';
import { configFrom, environment } from './environment.ts';

const limitsOf = (env: NodeJS.ProcessEnv) => configFrom(readEnvironment(environment, env)).ffmpegLimits;

describe('the limits of FFmpeg', () => {
  it('need nothing to be set', () => {
    expect(limitsOf({})).toEqual(defaultFfmpegLimits);
  });

  it('can be set', () => {
    expect(limitsOf({ FFMPEG_MEMORY_MIB: '512', FFMPEG_ENCODE_CORES: '2.5' })).toEqual({
      ...defaultFfmpegLimits,
      memoryBytes: 512 * 1024 * 1024,
      encodeCores: 2.5,
    });
  });

  it.each([
    ['FFMPEG_MEMORY_MIB', '2G', 'a whole number from 128'],
    ['FFMPEG_MEMORY_MIB', '16', 'a whole number from 128'],
    ['FFMPEG_COPY_CORES', '0', 'a number from 0.1'],
    ['FFMPEG_DECODE_CORES', '500m', 'a number from 0.1'],
    ['FFMPEG_ENCODE_CORES', '-1', 'a number from 0.1'],
  ])('refuse %s=%s', (name, value, reason) => {
    expect(() => limitsOf({ [name]: value })).toThrow(new RegExp(`${name} .*must be ${reason}`));
  });
});
