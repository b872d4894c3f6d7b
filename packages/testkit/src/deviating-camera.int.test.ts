import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, jest } from '@jest/globals';
import { startMultipartCamera } from '@camplane/camera-simulator/http/multipart-camera';
import { jpegClip } from '@camplane/camera-simulator/jpeg/jpeg-clip';
import type { JpegForm } from '@camplane/camera-simulator/jpeg/jpeg-clip';
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

  it.each<[RtspDeviation, string]>([
    [{ login: { ...login, schemes: ['basic'] } }, '401'],
    [{ refusals: [{ method: '*', status: 404 }] }, '404'],
    [{ refusals: [{ method: '*', status: 453 }] }, '453'],
    [{ speaks: 'garbage' }, 'failed'],
    [{ speaks: 'hang-up' }, 'failed'],
  ])('fails with %j', async (deviation, errorText) => {
    const camera = await startDeviatingCamera({ deviation, cacheFolder: clipCacheFolder() });
    try {
      await expect(ffprobeStream(camera.url, 5000)).rejects.toThrow(errorText);
      expect(camera.connections()).toBeGreaterThan(0);
    } finally {
      await camera.stop();
    }
  });
});

describe('a camera that sends JPEGs over HTTP', () => {
  it('plays with its password only', async () => {
    const deviation = { login: { ...login, schemes: ['basic'] as const } };
    const camera = await startMultipartCamera(deviation, { cacheFolder: clipCacheFolder() });
    try {
      await expect(ffprobeStream(camera.url)).rejects.toThrow('401');
      const url = camera.url.replace('://', '://viewer:secret@');
      await readFrames({ url, frames: 5, pixelFormat: 'gray', width: 320, height: 180 });
    } finally {
      await camera.stop();
    }
  });

  it.each<JpegForm>([
    ...(['ordinary', 'grey', '4:2:2', '4:4:4', 'progressive'] as const),
    ...(['restart-markers', 'own-huffman-tables', 'without-huffman-tables'] as const),
  ])('sends the same picture in the form %s', async (form) => {
    const size = [321, 181] as const;
    const cacheFolder = clipCacheFolder();
    const [ordinary, other] = await Promise.all([
      jpegClip({ size, form: 'ordinary' }, cacheFolder),
      jpegClip({ size, form }, cacheFolder),
    ]);
    const [expected, actual] = await Promise.all([ordinary[3], other[3]].map(decodeGrey));
    expect(actual?.length).toBe(size[0] * size[1]);
    const difference = actual?.reduce(
      (sum, value, place) => sum + Math.abs(value - (expected?.[place] ?? 0)),
      0,
    );
    expect((difference ?? Infinity) / size[0] / size[1]).toBeLessThan(6);
  });
});

async function decodeGrey(jpeg: Buffer | undefined): Promise<Buffer> {
  const args = ['-v', 'error', '-f', 'mjpeg', '-i', 'pipe:0', '-pix_fmt', 'gray', '-f', 'rawvideo', 'pipe:1'];
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(jpeg);
  return buffer(child.stdout);
}
