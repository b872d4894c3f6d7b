import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cameraPath } from '@camplane/mediamtx/camera-path';
import { startTestMediaServer } from '@camplane/testkit/media-server';
import type { TestMediaServer } from '@camplane/testkit/media-server';
import { waitUntil } from '@camplane/testkit/wait-until';
import { mediaServerTracks } from './media-server-tracks.ts';

jest.setTimeout(30_000);

describe("the tracks of MediaMTX's own slate", () => {
  let server: TestMediaServer;

  beforeAll(async () => {
    server = await startTestMediaServer({ auth: 'none' });
  });
  afterAll(() => server.stop());

  it.each([
    ['h264', false, ['H264']],
    ['h264', true, ['H264', 'Opus']],
    ['h265', true, ['H265', 'Opus']],
  ] as const)('are accepted in %s (sound: %s)', async (codec, audio, shown) => {
    const name = `${codec}-${String(audio)}`;
    const tracks = mediaServerTracks({ codec, audio });
    await server.api.replacePath(name, cameraPath({ kind: 'tracks', tracks }));
    const path = await waitUntil(
      () => server.api.getPath(name),
      (found) => found?.available === true,
      { what: 'the path' },
    );
    expect(path?.tracks2.map((track) => track.codec)).toEqual(shown);
  });
});
