import { describe, expect, it, jest } from '@jest/globals';
import { startDeviatingCamera } from '@camplane/camera-simulator/rtsp/deviating-camera';
import type { RtspDeviation } from '@camplane/camera-simulator/rtsp/deviation';
import { ffprobeStream, readFrames } from './read-stream.ts';
import { clipCacheFolder } from './temporary-folder.ts';

jest.setTimeout(60_000);

const login = { username: 'viewer', password: 'secret' };

/** What FFmpeg plays too: a test that the simulator itself is sound. */
const played: [what: string, deviation: RtspDeviation, codecs: string[]][] = [
  ['H.264 in one packet and in fragments', { video: { sizes: [[1280, 720]] } }, ['h264']],
  ['parameter sets in one packet', { transport: { aggregates: true } }, ['h264']],
  ['H.265', { video: { codec: 'h265', sizes: [[640, 360]] } }, ['hevc']],
  ['MJPEG', { video: { codec: 'mjpeg' } }, ['mjpeg']],
  ['AAC', { sound: { codec: 'aac', channels: 2 } }, ['h264', 'aac']],
  ['Opus', { sound: { codec: 'opus' } }, ['h264', 'opus']],
  ['G.722', { sound: { codec: 'g722' } }, ['h264', 'adpcm_g722']],
  ['a login by Digest', { login: { ...login, schemes: ['md5'], qop: 'auth' } }, ['h264']],
  ['a login by Basic', { login: { ...login, schemes: ['basic'] } }, ['h264']],
  ['TLS', { tls: {} }, ['h264']],
];

describe('a deviating camera', () => {
  it.each(played)('plays %s', async (_what, deviation, codecs) => {
    const camera = await startDeviatingCamera({ deviation, cacheFolder: clipCacheFolder() });
    try {
      const user = deviation.login === undefined ? '' : 'viewer:secret@';
      const url = camera.url.replace('://', `://${user}`);
      const { streams } = await ffprobeStream(url);
      expect(streams.map((stream) => stream.codec_name)).toEqual(codecs);
      await readFrames({ url, pixelFormat: 'gray', frames: 3, width: 64, height: 36 });
      expect(camera.requests()).toContain('PLAY 200');
    } finally {
      await camera.stop();
    }
  });

  it('plays over UDP', async () => {
    const camera = await startDeviatingCamera({
      deviation: { transport: { only: 'udp' } },
      cacheFolder: clipCacheFolder(),
    });
    try {
      await readFrames({
        ...{ url: camera.url, pixelFormat: 'gray', frames: 3, transport: 'udp' },
        ...{ width: 64, height: 36 },
      });
    } finally {
      await camera.stop();
    }
  });
});
