import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startMultipartCamera } from '@camplane/camera-simulator/http/multipart-camera';
import type { HttpCamera } from '@camplane/camera-simulator/http/http-camera';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { ffprobeStream, readFrames } from '@camplane/testkit/read-stream';
import { clipCacheFolder } from '@camplane/testkit/temporary-folder';
import { testedFfmpegs } from '@camplane/testkit/tested-ffmpegs';
import { cameraBody, credentials, startCamera } from './cameras.ts';

jest.setTimeout(90_000);

/** The other tests run the distribution's FFmpeg. */
describe('with a current FFmpeg', () => {
  let camplane: Camplane;
  let camera: SimulatedCamera;
  let mjpeg: HttpCamera;

  beforeAll(async () => {
    const program = testedFfmpegs.find(({ name }) => name === 'ffmpeg-9')?.command ?? '';
    [camplane, camera, mjpeg] = await Promise.all([
      startCamplane({ environment: { FFMPEG_BIN: program } }),
      startCamera({ audio: 'aac' }),
      startMultipartCamera(
        { size: [640, 360], login: { ...credentials, schemes: ['basic'] } },
        { cacheFolder: clipCacheFolder() },
      ),
    ]);
  });

  afterAll(async () => {
    await camplane.dispose();
    await camera.stop();
    await mjpeg.stop();
  });

  it.each([
    ['copy', true],
    ['copy', false],
    ['transcode', true],
    ['overlay', true],
  ])('plays a camera in mode %s (sound: %s)', async (mode, audio) => {
    const id = `${mode}-${audio}`;
    await camplane.createCamera(cameraBody(id, camera, { mode, audio: { enabled: audio } }));
    await expectPlaying(id, ['h264', ...(audio ? ['opus'] : [])]);
  });

  it('plays MJPEG over HTTP', async () => {
    await camplane.createCamera(cameraBody('mjpeg', mjpeg, { mode: 'transcode' }));
    await expectPlaying('mjpeg', ['h264']);
  });

  async function expectPlaying(id: string, codecs: string[]): Promise<void> {
    await camplane.waitForPhase(id, 'RUNNING', 60_000);
    const url = `${camplane.rtspUrl}/${id}`;
    expect((await ffprobeStream(url)).streams.map(({ codec_name }) => codec_name)).toEqual(codecs);
    expect(await readFrames({ url, pixelFormat: 'gray', frames: 10 })).toHaveLength(10);
    const snapshot = Buffer.from(await camplane.client.readSnapshot({ id }));
    expect(snapshot.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  }
});
