import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { openLiveConnection } from '@camplane/api-client/live-connection';
import { operationUrl } from '@camplane/api-client/operation-url';
import type { RawInput } from '@camplane/api-client/operation-url';
import type { User } from '@camplane/contracts/access';
import type { LiveServerMessage } from '@camplane/contracts/live-cameras';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { residentBytesOf } from '@camplane/testkit/processes';
import type { SignedIn } from '@camplane/testkit/sign-in';
import { waitUntil } from '@camplane/testkit/wait-until';
import { brokenFrames, openRawViewer, sendSlowHeaders } from './media/hostile-viewers.ts';
import { openJpegViewer } from './media/jpeg-viewer.ts';
import type { JpegViewer } from './media/jpeg-viewer.ts';

jest.setTimeout(90_000);

const password = 'correct-horse-battery';
/** The time in which running streams have to end. */
const endsWithinMs = 2_000;

let camplane: Camplane;
let amy: User;
let amyHere: SignedIn;
const viewers: JpegViewer[] = [];

beforeAll(async () => {
  camplane = await startCamplane({ access: 'on', environment: { STREAM_MAX_CONCURRENT: '2' } });
  await camplane.createCamera({ id: 'door', source: { url: 'test:testsrc2' } });
  await camplane.createCamera({ id: 'yard', enabled: false, source: { url: 'test:testsrc2' } });
  await camplane.waitForPhase('door', 'RUNNING', 40_000);
  amy = await camplane.createUser({ username: 'amy', password, grants: grantsOn(['door']) });
  amyHere = await camplane.signIn({ username: 'amy', password });
}, 120_000);

afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});

afterAll(async () => {
  await camplane.dispose();
});

function grantsOn(ids: string[]) {
  return [{ role: 'viewer', scope: { kind: 'cameras' as const, ids } }];
}

const cookie = (): Record<string, string> => ({ cookie: amyHere.cookie });

async function connect(
  { id = 'door', query = {} }: { id?: string; query?: NonNullable<RawInput['query']> } = {},
  headers = cookie(),
) {
  const viewer = await openJpegViewer(camplane.url, { id, query }, headers);
  if ('ended' in viewer) viewers.push(viewer);
  return viewer;
}

async function watch(query: NonNullable<RawInput['query']> = {}, headers = cookie()): Promise<JpegViewer> {
  const viewer = await connect({ query }, headers);
  if ('status' in viewer) throw new Error(`refused: ${viewer.status} ${viewer.body}`);
  return viewer;
}

/** Width and height that FFmpeg sees in a picture. */
async function sizeOf(jpeg: Uint8Array): Promise<string> {
  const probing = promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-f', 'mjpeg', '-i', '-', '-show_entries', 'stream=width,height', '-of', 'csv=p=0'],
  ]);
  probing.child.stdin?.end(jpeg);
  return (await probing).stdout.trim();
}

async function taps(): Promise<number> {
  const running = await camplane.processes();
  return running.filter(({ command }) => /^\S*ffmpeg .*\/door\?camplane=tap.* mjpeg /.test(command)).length;
}

const isInfo = (state: string) => (message: { type: string; state?: string }) =>
  message.type === 'info' && message.state === state;

describe('live JPEG over WebSocket', () => {
  it('shows pictures, shares one FFmpeg, and a joining client sees a picture at once', async () => {
    const before = await taps();
    const first = await watch({ quality: 'low' });
    await first.more(3);
    expect(await first.take(isInfo('live'), 'live')).toMatchObject({ quality: 'low', message: null });
    expect(await sizeOf(first.pictures[0]?.jpeg ?? Buffer.of())).toBe('640,360');
    const openedMs = performance.now();
    const second = await watch({ quality: 'low' });
    await second.more(second.pictures.length === 0 ? 1 : 0);
    expect((second.pictures[0]?.atMs ?? Infinity) - openedMs).toBeLessThan(1000);
    expect(await taps()).toBe(before + 1);
  });

  it('changes the quality of an open connection', async () => {
    const viewer = await watch({ quality: 'low' });
    await viewer.more(1);
    viewer.send({ type: 'quality', quality: 'high' });
    await viewer.take((message) => message.type === 'info' && message.quality === 'high', 'high quality');
    const large = await waitUntil(
      () => viewer.pictures.at(-1)?.jpeg ?? Buffer.of(),
      (jpeg) => jpeg.length > 2 * (viewer.pictures[0]?.jpeg.length ?? 0),
      { what: 'a larger picture' },
    );
    // Never scaled up: the camera sends 1280×720.
    expect(await sizeOf(large)).toBe('1280,720');
  });

  it('answers messages, and wrong ones with an error', async () => {
    const viewer = await watch({ quality: 'low' });
    viewer.send({ type: 'ping' });
    await viewer.take(({ type }) => type === 'pong', 'pong');
    viewer.send('{"type":"rewind"}');
    const error = await viewer.take(({ type }) => type === 'error', 'an error');
    expect(error).toMatchObject({ code: 'invalid-message' });
    viewer.send({ type: 'info' });
    await viewer.take(({ type }) => type === 'info', 'info after an error');
    viewer.send('{"type":"quality","quality":"ultra"}');
    viewer.send('not JSON');
    const ended = await waitUntil(viewer.ended, (end) => end !== null, { what: 'the end' });
    expect(ended).toMatchObject({ code: 1008, reason: 'three invalid messages' });
  });

  it('refuses one stream more than the limit, before the upgrade and after it', async () => {
    await Promise.all([
      (await watch({ quality: 'low' })).more(1),
      (await watch({ quality: 'high' })).more(1),
    ]);
    const refused = await connect({ query: { quality: 'medium' } });
    expect(refused).toMatchObject({ status: 503, retryAfter: '10' });
    expect('body' in refused && refused.body).toContain('raise STREAM_MAX_CONCURRENT');
    const late = await watch({ quality: 'medium' }, {});
    late.send({
      type: 'auth',
      token: (await amyHere.client.createTicket({ id: 'door', body: { use: 'header' } })).ticket,
    });
    const ended = await waitUntil(late.ended, (end) => end !== null, { what: 'the refusal' });
    expect(ended).toMatchObject({ code: 4429, reason: 'stream-limit' });
    expect(late.messages).toMatchObject([{ type: 'error', code: 'stream-limit' }]);
  });

  it('says that the camera is offline, and shows it again automatically', async () => {
    const viewer = await watch({ quality: 'low' });
    await viewer.more(2);
    await camplane.client.stopCamera({ id: 'door' });
    const offline = await viewer.take(isInfo('offline'), 'offline');
    expect(offline).toMatchObject({ reason: expect.any(String), message: expect.any(String) });
    const before = viewer.pictures.length;
    await camplane.client.startCamera({ id: 'door' });
    await viewer.take(isInfo('live'), 'live again');
    await viewer.more(2);
    expect(viewer.pictures.length).toBeGreaterThan(before);
    expect(viewer.ended()).toBeNull();
  });
});

describe('live JPEG of many cameras over one connection', () => {
  it('shows permitted cameras with an API token, and says why others are not shown', async () => {
    const { secret } = await amyHere.client.createToken({
      body: { name: 'wall', permissions: ['camera.view'], scope: { kind: 'all' } },
    });
    const pictures: Uint8Array[] = [];
    const messages: LiveServerMessage[] = [];
    const connection = openLiveConnection(
      { baseUrl: camplane.url, token: secret },
      {
        onPicture: (cameraId, jpeg) => cameraId === 'door' && pictures.push(jpeg),
        onMessage: (message) => messages.push(message),
        onClose: () => {},
      },
    );
    connection.watch('door', 'low');
    connection.watch('yard', 'low');
    await waitUntil(
      () => pictures.length,
      (count) => count >= 5,
      { what: 'five pictures', timeoutMs: 20_000 },
    );
    expect(await sizeOf(pictures.at(-1) ?? Buffer.of())).toBe('640,360');
    expect(messages).toContainEqual(
      expect.objectContaining({ type: 'info', cameraId: 'door', state: 'live' }),
    );
    expect(messages).toContainEqual(
      expect.objectContaining({ type: 'error', cameraId: 'yard', code: 'camera-not-found' }),
    );
    connection.close();
  });
});

describe('access to live JPEG', () => {
  it('accepts an address ticket in the query once, and only for its camera', async () => {
    const { ticket } = await amyHere.client.createTicket({ id: 'door', body: { use: 'address' } });
    await (await watch({ quality: 'low', ticket }, {})).more(1);
    expect(await connect({ query: { ticket } }, {})).toMatchObject({ status: 401 });
    const other = (await camplane.client.createTicket({ id: 'yard', body: { use: 'address' } })).ticket;
    expect(await connect({ query: { ticket: other } }, {})).toMatchObject({ status: 401 });
  });

  it('accepts a ticket or an API token in the first message, and nothing else', async () => {
    const { ticket } = await amyHere.client.createTicket({ id: 'door', body: { use: 'header' } });
    const viewer = await watch({ quality: 'low' }, {});
    viewer.send({ type: 'auth', token: ticket });
    await viewer.more(1);
    for (const message of ['{"type":"auth","token":"forged"}', '{"type":"ping"}', 'nonsense']) {
      const refused = await watch({}, {});
      refused.send(message);
      const ended = await waitUntil(refused.ended, (end) => end !== null, { what: 'the refusal' });
      expect(ended).toMatchObject({ code: 4401, reason: 'unauthenticated' });
      expect(refused.pictures).toEqual([]);
    }
  });

  it('answers for a hidden camera as for an absent one', async () => {
    const answers = await Promise.all(['yard', 'gone'].map((id) => connect({ id })));
    const texts = answers.map((answer) => 'body' in answer && [answer.status, answer.body]);
    expect(JSON.stringify(texts[0]).replaceAll('yard', 'ID')).toBe(
      JSON.stringify(texts[1]).replaceAll('gone', 'ID'),
    );
    expect(answers[0]).toMatchObject({ status: 404 });
    expect(await connect({}, {})).toMatchObject({ messages: [] });
  });

  it('ends running streams when the right to view the camera ends', async () => {
    const viewer = await watch({ quality: 'low' });
    const mjpeg = await fetch(
      operationUrl(camplane.url, 'readMjpeg', { id: 'door', query: { quality: 'low' } }),
      {
        headers: cookie(),
      },
    );
    expect(mjpeg.headers.get('content-type')).toBe('multipart/x-mixed-replace; boundary=camplane-frame');
    const drained = mjpeg.arrayBuffer().then(
      () => performance.now(),
      () => performance.now(),
    );
    await viewer.more(1);
    const revokedMs = performance.now();
    const body = { displayName: '', enabled: true, grants: grantsOn(['yard']) };
    await camplane.client.replaceUser({ id: amy.id, body });
    const ended = await waitUntil(viewer.ended, (end) => end !== null, { what: 'the end of the socket' });
    expect(ended).toMatchObject({ code: 4404 });
    expect((ended?.atMs ?? Infinity) - revokedMs).toBeLessThan(endsWithinMs);
    expect((await drained) - revokedMs).toBeLessThan(endsWithinMs);
    await camplane.client.replaceUser({ id: amy.id, body: { ...body, grants: grantsOn(['door']) } });
  });
});

describe('slow, stalled and hostile clients of live JPEG (F12)', () => {
  const url = () =>
    operationUrl(camplane.url, 'followJpeg', { id: 'door', query: { quality: 'low' } }).replace('http', 'ws');

  it('cost bounded memory and do not disturb others', async () => {
    const healthy = await watch({ quality: 'low' });
    await healthy.more(3);
    const before = await residentBytesOf(camplane.pid);
    const slowHeaders = Array.from({ length: 20 }, () => sendSlowHeaders(camplane.url));
    const stalled = await Promise.all(Array.from({ length: 60 }, () => openRawViewer(url(), amyHere.cookie)));
    stalled.forEach((socket) => socket.pause());
    const talking = await Promise.all(Array.from({ length: 10 }, () => watch({ quality: 'low' })));
    for (const viewer of talking.slice(0, 5)) viewer.send('x'.repeat(100_000));
    for (const viewer of talking.slice(5))
      for (let count = 0; count < 300; count++) viewer.send({ type: 'ping' });
    const codes = await Promise.all(
      talking.map((viewer) => waitUntil(viewer.ended, (end) => end !== null, { what: 'the end' })),
    );
    expect(codes.map((end) => end?.code)).toEqual([...Array(5).fill(1009), ...Array(5).fill(1008)]);
    await healthy.more(10);
    // The server waits 10 s for headers.
    expect(Math.max(...(await Promise.all(slowHeaders)))).toBeLessThan(20_000);
    await healthy.more(3);
    const grownMiB = ((await residentBytesOf(camplane.pid)) - before) / 1024 ** 2;
    // Two pictures of about 20 KB for each stalled client; without a bound, 60 × 15 s × 100 KB/s.
    expect(grownMiB).toBeLessThan(60);
    stalled.forEach((socket) => socket.destroy());
  });

  it.each(Object.entries(brokenFrames))('are disconnected for %s', async (_what, frame) => {
    const socket = await openRawViewer(url(), amyHere.cookie);
    socket.resume().write(frame);
    // A client that answers no ping is disconnected after 30 s in any case.
    await once(socket, 'close', { signal: AbortSignal.timeout(15_000) });
  });
});

describe('live JPEG over HTTP', () => {
  it('returns its addresses and qualities', async () => {
    const info = await amyHere.client.readJpegInfo({ id: 'door' });
    expect(info.url).toBe(new URL(operationUrl(camplane.url, 'followJpeg', { id: 'door' })).pathname);
    expect(info.defaultQuality).toBe('medium');
    expect(info.qualities.map(({ name, width, height, fps }) => [name, width, height, fps])).toEqual([
      ['low', 640, 360, 5],
      ['medium', 1280, 720, 10],
      ['high', 1920, 1080, 15],
    ]);
  });

  it('takes a picture of a camera without viewers, and scales it down', async () => {
    expect(await sizeOf(await amyHere.client.readJpegSnapshot({ id: 'door', query: { width: 320 } }))).toBe(
      '320,180',
    );
    expect(
      await sizeOf(await amyHere.client.readJpegSnapshot({ id: 'door', query: { width: 1920 } })),
    ).toMatch(/^(1280,720|640,360)$/);
    const none = await camplane.send('readJpegSnapshot', { id: 'yard' });
    expect([none.status, (none.body as { code: string }).code]).toEqual([503, 'no-picture']);
  });

  it('plays in FFmpeg as multipart JPEG, with a ticket in the address', async () => {
    const { ticket } = await amyHere.client.createTicket({ id: 'door', body: { use: 'address' } });
    const url = operationUrl(camplane.url, 'readMjpeg', { id: 'door', query: { quality: 'low', ticket } });
    const { stdout } = await promisify(execFile)(
      'ffmpeg',
      [...['-v', 'error', '-f', 'mpjpeg', '-i', url, '-frames:v', '3', '-f', 'framemd5', '-']],
      { timeout: 20_000 },
    );
    expect(stdout.split('\n').filter((line) => line.startsWith('0,'))).toHaveLength(3);
  });
});
