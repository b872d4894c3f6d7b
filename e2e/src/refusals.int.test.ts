import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { operationUrl } from '@camplane/api-client/operation-url';
import { hostileSourceUrls } from '@camplane/contracts/fixtures/hostile-source-urls';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { waitUntil } from '@camplane/testkit/wait-until';

type Problem = { code: string; detail: string; errors?: { path: string; message: string }[] };

/** URLs for each kind of attack, without duplicates. */
const hostile = [
  ...new Set(Object.values(hostileSourceUrls).flatMap(([, ...urls]) => urls.slice(0, 6))),
].filter(
  // Longer ones are refused as a body.
  (url) => url.length < 10_000,
);

describe('invalid input', () => {
  let camplane: Camplane;

  beforeAll(async () => {
    camplane = await startCamplane();
  }, 60_000);

  afterAll(async () => {
    await camplane.dispose();
  });

  it(`refuses ${hostile.length} hostile source URLs by name, for saving and for probing, and starts no process`, async () => {
    expect(hostile.length).toBeGreaterThanOrEqual(50);
    const before = await camplane.processes();
    for (const [index, url] of hostile.entries()) {
      // Sequentially, and only some at the probe: writes are rate-limited.
      const answer =
        index % 10 === 0
          ? await camplane.send('probeSource', { body: { url } })
          : await camplane.send('createCamera', { body: { id: 'hostile', source: { url } } });
      const problem = answer.body as Problem;
      expect({ url, status: answer.status }).toEqual({ url, status: 400 });
      expect(problem.errors?.some((field) => field.path.endsWith('url') && field.message.length > 10)).toBe(
        true,
      );
    }
    const after = await camplane.processes();
    expect(after.map((info) => info.pid).sort()).toEqual(before.map((info) => info.pid).sort());
    expect((await camplane.send('listCameras')).body).toEqual({ items: [] });
  }, 60_000);

  it.each<[string, unknown, string]>([
    ['an unknown field', { id: 'a', source: { url: 'test:testsrc2' }, colour: 'red' }, 'colour'],
    [
      'an unknown field within',
      { id: 'a', source: { url: 'test:testsrc2', pasword: 'x' } },
      'source.pasword',
    ],
    ['a missing source', { id: 'a' }, 'source'],
    ['an id that is not a DNS label', { id: 'Front Door', source: { url: 'test:testsrc2' } }, 'id'],
    [
      'a frame rate out of bounds',
      { id: 'a', source: { url: 'test:testsrc2' }, frames: { fps: 31 } },
      'frames.fps',
    ],
    [
      'a mask outside the frame',
      {
        id: 'a',
        source: { url: 'test:testsrc2' },
        video: {
          overlay: {
            privacyMasks: [
              {
                points: [
                  { x: 2, y: 0 },
                  { x: 0, y: 0 },
                  { x: 0, y: 1 },
                ],
              },
            ],
          },
        },
      },
      'video.overlay.privacyMasks.0.points.0.x',
    ],
    [
      'an oversized name',
      { id: 'a', source: { url: 'test:testsrc2' }, displayName: 'x'.repeat(1000) },
      'displayName',
    ],
    [
      'an unknown mode',
      { id: 'a', source: { url: 'test:testsrc2' }, video: { mode: 'magic' } },
      'video.mode',
    ],
  ])('refuses %s and names it', async (_name, body, path) => {
    const answer = await camplane.send('createCamera', { body });
    expect(answer.status).toBe(400);
    expect((answer.body as Problem).errors?.map((field) => field.path)).toContain(path);
  });

  it('connects to no metadata service, and not to itself', async () => {
    const own = new URL(camplane.mediaMtxApiUrl).port;
    const urls = ['http://169.254.169.254/latest/meta-data/', 'rtsp://[fd00:ec2::254]/x', 'rtsp://0.0.0.0/x'];
    for (const port of [own, new URL(camplane.rtspUrl).port, new URL(camplane.url).port]) {
      urls.push(`http://127.0.0.1:${port}/v3/paths/list`, `rtsp://localhost:${port}/front-door`);
    }
    for (const url of urls) {
      const { status, body } = await camplane.send('probeSource', { body: { url } });
      const reason = {
        ok: false,
        reason: 'AddressRefused',
        message: expect.stringContaining('CAMERA_NETWORKS'),
      };
      expect({ url, status, body }).toMatchObject({ url, status: 200, body: reason });
    }
    await camplane.createCamera({ id: 'metadata', source: { url: urls[0] } });
    await waitUntil(
      () => camplane.status('metadata'),
      ({ reason }) => reason === 'AddressRefused',
      { what: 'the camera to be refused' },
    );
    expect(await camplane.ffmpegOf('metadata')).toEqual([]);
  }, 60_000);

  it('refuses a body that is not JSON, and one that is too large', async () => {
    const post = (body: string) =>
      fetch(operationUrl(camplane.url, 'createCamera'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    expect((await post('{"id":')).status).toBe(400);
    expect((await post(JSON.stringify({ id: 'a', description: 'x'.repeat(200_000) }))).status).toBe(413);
  });
});
