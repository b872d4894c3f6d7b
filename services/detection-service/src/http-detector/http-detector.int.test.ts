import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { answerJson, imageOf, startAiServer } from './testing/ai-server.ts';
import type { AiServer } from './testing/ai-server.ts';
import { cat, frameAt, holding, jpeg, observedDetector } from './testing/observed-detector.ts';

jest.setTimeout(60_000);

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function aiServer(port?: number): Promise<AiServer> {
  const server = await startAiServer(port);
  stops.push(() => server.stop());
  return server;
}

function detectorFor(...args: Parameters<typeof observedDetector>): ReturnType<typeof observedDetector> {
  const observed = observedDetector(...args);
  stops.push(() => observed.detector.close());
  return observed;
}

describe('http detector', () => {
  it('sends the frame as field image and reports detections', async () => {
    const server = await aiServer();
    server.answer((response) => answerJson(response, [cat]));
    const { offer, found, settled, requests, up } = detectorFor(`${server.url}/api/`);
    offer();
    await settled();
    expect(found).toEqual([{ cameraId: 'yard', sequence: 0, found: [cat] }]);
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/api/detect' });
    expect(request && (await imageOf(request))).toEqual({ name: 'frame.jpg', bytes: jpeg });
    expect(await requests('ok')).toBe(1);
    expect(await up()).toBe(1);
  });

  it('reports an empty result', async () => {
    const { offer, found, settled } = detectorFor((await aiServer()).url);
    offer();
    await settled();
    expect(found).toEqual([{ cameraId: 'yard', sequence: 0, found: [] }]);
  });

  it('sends credentials of the address as a header and never logs them', async () => {
    const server = await aiServer();
    server.answer((response) => response.writeHead(500).end());
    const address = server.url.replace('//', '//camplane:s%20cret@');
    const { offer, settled, lines } = detectorFor(`${address}/?token=hidden`, {
      breaker: { failuresMax: 2 },
    });
    offer();
    offer();
    await settled();
    const login = `Basic ${Buffer.from('camplane:s cret').toString('base64')}`;
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([login, login]);
    expect(server.requests[0]?.path).toBe('/detect?token=hidden');
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(lines)).not.toMatch(/cret|hidden/);
  });

  it('sends a token as a bearer token, and never logs it', async () => {
    const server = await aiServer();
    server.answer((response) => response.writeHead(500).end());
    const address = server.url.replace('//', '//camplane:unused@');
    const { offer, settled, lines } = detectorFor(address, { token: 'a-token', breaker: { failuresMax: 1 } });
    offer();
    await settled();
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer a-token']);
    expect(JSON.stringify(lines)).not.toContain('a-token');
  });

  it('sends one frame per camera at a time, and several cameras concurrently', async () => {
    const server = await aiServer();
    const held = holding(server);
    const { offer, found, settled } = detectorFor(server.url);
    for (const cameraId of ['yard', 'door', 'yard', 'door']) offer(cameraId);
    await held.count(2);
    expect(server.requests).toHaveLength(2);
    held.release();
    await held.count(2);
    held.release();
    await settled();
    expect(found.filter(({ cameraId }) => cameraId === 'yard').map(({ sequence }) => sequence)).toEqual([
      0, 2,
    ]);
  });

  it('queues at most five frames per camera and drops the oldest', async () => {
    const server = await aiServer();
    const held = holding(server);
    const { offer, found, settled, requests } = detectorFor(server.url, { inFlightMax: 1 });
    offer('door');
    for (let frame = 0; frame < 8; frame++) offer('yard');
    expect(await requests('dropped')).toBe(3);
    await held.count(1);
    server.answer((response) => answerJson(response, []));
    held.release();
    await settled();
    expect(found.map(({ sequence }) => sequence)).toEqual([0, 4, 5, 6, 7, 8]);
  });

  it('limits the number of queued frames of all cameras', async () => {
    const server = await aiServer();
    const held = holding(server);
    const { offer, detector, requests } = detectorFor(server.url, { totalMax: 10, inFlightMax: 2 });
    for (let camera = 0; camera < 30; camera++) offer(`camera-${camera}`);
    expect(detector.state()).toEqual({ service: 'up', waiting: 8, inFlight: 2 });
    expect(await requests('dropped')).toBe(20);
    await held.count(2);
    held.release();
  });

  it('does not send a frame that became too old while it waited', async () => {
    const server = await aiServer();
    const held = holding(server);
    const { offer, found, settled, advance, requests } = detectorFor(server.url);
    offer();
    offer();
    advance(2001);
    await held.count(1);
    held.release();
    await settled();
    expect(found).toHaveLength(1);
    expect(server.requests).toHaveLength(1);
    expect(await requests('stale')).toBe(1);
  });

  it('continues when the callback throws', async () => {
    const server = await aiServer();
    const { detector, lines, settled, offer, found } = detectorFor(server.url);
    detector.offer(frameAt(1_000_000, 7), 'yard', () => {
      throw new Error('no room');
    });
    offer();
    await settled();
    expect(lines).toEqual([expect.objectContaining({ level: 'error' })]);
    expect(found).toHaveLength(1);
  });

  it('aborts requests when it is closed, without a callback', async () => {
    const server = await aiServer();
    const held = holding(server);
    const { detector, offer, found, lines } = detectorFor(server.url);
    offer();
    offer();
    await held.count(1);
    await detector.close();
    offer();
    expect(detector.state()).toMatchObject({ waiting: 0, inFlight: 0 });
    expect(found).toEqual([]);
    expect(lines).toEqual([]);
  });
});

const big = Buffer.alloc(1024 * 1024 + 1, 0x20);

describe('an unusable response of the AI service', () => {
  it.each<[string, string, RegExp, (response: ServerResponse) => void]>([
    [
      'never ends',
      'timeout',
      /no response within 300 ms/,
      (response) => void response.writeHead(200).write('['),
    ],
    ['never begins', 'timeout', /no response within 300 ms/, () => undefined],
    [
      'is cut off at once',
      'refused',
      /ECONNRESET|UND_ERR_SOCKET/,
      (response) => void response.socket?.destroy(),
    ],
    [
      'is cut off in the middle',
      'refused',
      /connection failed/,
      (response) => {
        response.writeHead(200, { 'content-length': 100 }).write('[');
        setTimeout(() => response.socket?.destroy(), 20);
      },
    ],
    [
      'is not HTTP',
      'refused',
      /HPE_|connection failed/,
      (response) => void response.socket?.end('SSH-2.0-x\r\n'),
    ],
    ['has status 503', 'http-status', /status 503/, (response) => void response.writeHead(503).end('[]')],
    ['has status 204', 'http-status', /status 204/, (response) => void response.writeHead(204).end()],
    [
      'is a redirect',
      'http-status',
      /status 307: redirects are not followed/,
      (response) => void response.writeHead(307, { location: '/elsewhere' }).end(),
    ],
    ['is HTML', 'not-json', /not JSON/, (response) => void response.end('<html></html>')],
    ['is empty', 'not-json', /not JSON/, (response) => void response.end()],
    [
      'has another shape',
      'wrong-shape',
      /0\.boundingBox/,
      (response) => answerJson(response, [{ label: 'x', confidence: 1 }]),
    ],
    ['is too large', 'too-large', /larger than/, (response) => void response.end(big)],
    [
      'is too large unfolded',
      'too-large',
      /larger than/,
      (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(big)),
    ],
    [
      'does not end being large',
      'too-large',
      /larger than/,
      (response) => {
        const more = (): void => {
          while (!response.destroyed && response.write(big)) continue;
          if (!response.destroyed) response.once('drain', more);
        };
        more();
      },
    ],
  ])('that %s is counted as %s', async (what, kind, message, respond) => {
    const server = await aiServer();
    server.answer(respond);
    const isSlow = what.startsWith('never');
    const { offer, found, settled, lines, requests } = detectorFor(
      server.url,
      isSlow ? { timeoutMs: 300 } : {},
    );
    offer();
    await settled();
    expect(await requests(kind)).toBe(1);
    expect(found).toEqual([]);
    expect(lines).toEqual([{ level: 'warn', text: expect.stringMatching(message) }]);
    expect(server.requests).toHaveLength(1);
  });

  it('is logged once a minute per kind, with the number of suppressed failures', async () => {
    const server = await aiServer();
    const { offer, settled, lines, advance } = detectorFor(server.url, { breaker: { failuresMax: 100 } });
    const fail = async (status: number): Promise<void> => {
      server.answer((response) => response.writeHead(status).end());
      offer();
      await settled();
    };
    for (let failure = 0; failure < 4; failure++) await fail(500);
    expect(lines).toHaveLength(1);
    advance(60_000);
    await fail(500);
    expect(lines).toHaveLength(2);
    expect(lines[1]?.text).toContain('"suppressed":3');
  });
});

describe('an unavailable AI service', () => {
  it('gets no requests except trials after a pause, until it responds', async () => {
    const server = await aiServer();
    const { offer, settled, lines, found, advance, requests, up, detector } = detectorFor(server.url);
    offer();
    await settled();
    await server.stop();

    for (let frame = 0; frame < 5; frame++) {
      offer();
      await settled();
    }
    expect(detector.state().service).toBe('away');
    expect(await up()).toBe(0);
    expect(await requests('refused')).toBe(5);
    expect(lines.map(({ text }) => text)).toEqual([
      expect.stringMatching(/AI service failed: .*ECONN/),
      expect.stringMatching(/unavailable after 5 consecutive failures/),
    ]);

    for (let frame = 0; frame < 10; frame++) offer();
    expect(await requests('away')).toBe(10);
    expect(await requests('refused')).toBe(5);

    advance(1000);
    offer();
    offer();
    expect(detector.state()).toEqual({ service: 'trying', waiting: 0, inFlight: 1 });
    await settled();
    expect(await requests('refused')).toBe(6);
    expect(lines).toHaveLength(2);

    const again = await aiServer(server.port);
    advance(1999);
    offer();
    expect(again.requests).toHaveLength(0);
    advance(1);
    offer();
    await settled();
    expect(detector.state().service).toBe('up');
    expect(await up()).toBe(1);
    expect(lines).toHaveLength(3);
    expect(lines[2]).toMatchObject({
      level: 'info',
      text: expect.stringMatching(/available again .*"awayMs":3000/),
    });

    offer();
    offer();
    await settled();
    expect(found.map(({ sequence }) => sequence)).toHaveLength(4);
  });

  it('drops the frames that wait for it', async () => {
    const server = await aiServer();
    server.answer((response) => response.writeHead(503).end());
    const { offer, settled, requests } = detectorFor(server.url, { breaker: { failuresMax: 2 } });
    for (let frame = 0; frame < 5; frame++) offer();
    await settled();
    expect(server.requests).toHaveLength(2);
    expect(await requests('away')).toBe(3);
  });

  it('is not considered unavailable when it rejects images', async () => {
    const server = await aiServer();
    const { offer, settled, detector, requests } = detectorFor(server.url, { breaker: { failuresMax: 2 } });
    for (const status of [400, 413, 415, 422]) {
      server.answer((response) => response.writeHead(status).end());
      offer();
      await settled();
    }
    expect(detector.state().service).toBe('up');
    expect(await requests('http-status')).toBe(4);
  });

  it('is detected when it starts later', async () => {
    const server = await aiServer();
    await server.stop();
    const { offer, settled, found, advance, detector } = detectorFor(server.url, {
      breaker: { failuresMax: 1 },
    });
    offer();
    await settled();
    expect(detector.state().service).toBe('away');
    await aiServer(server.port);
    advance(10_000);
    offer();
    await settled();
    expect(found).toHaveLength(1);
  });
});
