import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { jpegClientMessageSchema, jpegServerMessageSchema } from '@camplane/contracts/jpeg-stream';
import type { JpegServerMessage } from '@camplane/contracts/jpeg-stream';
import { operationPath } from '@camplane/contracts/operations';
import { createMemoryBus } from '@camplane/event-bus/memory-bus';
import { defaultFfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { createHealth } from '@camplane/service-kit/health';
import { createLogger } from '@camplane/service-kit/logging';
import { createMetrics } from '@camplane/service-kit/metrics';
import { publishPattern } from '@camplane/testkit/publish-pattern';
import { startTestRtspServer } from '@camplane/testkit/rtsp-server';
import type { TestRtspServer } from '@camplane/testkit/rtsp-server';
import { waitUntil } from '@camplane/testkit/wait-until';
import { WebSocket } from 'ws';
import { createStreamProxy } from './app.ts';

jest.setTimeout(60_000);

const secret = 'a-secret-of-tests-32-characters-long';
const headers = { authorization: `Bearer ${secret}` };
const log = createLogger({ service: 'stream-proxy', level: 'silent', format: 'json' });
const metrics = createMetrics('stream-proxy', { processMetrics: false });
const bus = createMemoryBus({ maxPending: 100, log });
let rtsp: TestRtspServer;
let publisher: { stop(): Promise<void> };
let proxy: { url: string; stop(): Promise<void> };
const sockets: WebSocket[] = [];

beforeAll(async () => {
  rtsp = await startTestRtspServer({ login: null });
  publisher = await publishPattern({ port: rtsp.port, path: 'door', size: '480x360' });
  const service = await createStreamProxy(
    {
      ...{ host: '127.0.0.1', port: 0, secret, defaultQuality: 'low', framesMax: 5 },
      ...{ streamsMax: 1, clientsMax: 4 },
      ffmpegLimits: defaultFfmpegLimits,
      ffmpeg: { configured: undefined, configuredProbe: undefined, searchPath: process.env['PATH'] ?? '' },
    },
    {
      ...{ bus, log, metrics, health: createHealth() },
      readUrl: (cameraId) => `rtsp://127.0.0.1:${rtsp.port}/${cameraId}`,
      tapFrame: () => Promise.resolve(null),
    },
  );
  proxy = await service.start();
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(async () => {
  await proxy?.stop();
  await publisher?.stop();
  await rtsp?.stop();
  await bus.close();
});

/** A client with what it has received. */
async function connect(query = '', autoPong = true) {
  const address = proxy.url.replace('http', 'ws') + operationPath('followJpeg', { id: 'door' }) + query;
  const socket = new WebSocket(address, { headers, autoPong });
  sockets.push(socket);
  const pictures: Buffer[] = [];
  const messages: JpegServerMessage[] = [];
  socket.on('message', (data, isBinary) => {
    if (isBinary) pictures.push(data as Buffer);
    else messages.push(jpegServerMessageSchema.parse(JSON.parse((data as Buffer).toString())));
  });
  await once(socket, 'open');
  return {
    ...{ socket, pictures, messages },
    until: (count: number) =>
      waitUntil(
        () => pictures.length,
        (seen) => seen >= count,
        { what: `${count} pictures`, timeoutMs: 20_000 },
      ),
    message: (type: JpegServerMessage['type'], state?: string) =>
      waitUntil(
        () => messages.findLast((message) => message.type === type),
        (message) =>
          message !== undefined && (state === undefined || ('state' in message && message.state === state)),
        { what: `${type} ${state ?? ''}`, timeoutMs: 20_000 },
      ),
  };
}

const get = (id: 'readJpegInfo' | 'readJpegSnapshot' | 'readMjpeg', query = '', withHeaders = headers) =>
  fetch(`${proxy.url}${operationPath(id, { id: 'door' })}${query}`, { headers: withHeaders });

async function metric(name: string): Promise<number> {
  const { values } = (await metrics.registry.getSingleMetric(name)?.get()) ?? { values: [] };
  return values.reduce((sum, { value }) => sum + value, 0);
}

describe('stream-proxy', () => {
  it('is called with its secret alone', async () => {
    for (const authorization of ['', 'Bearer wrong', `Basic ${secret}`]) {
      expect((await get('readJpegInfo', '', { authorization })).status).toBe(401);
      const address = proxy.url.replace('http', 'ws') + operationPath('followJpeg', { id: 'door' });
      const [error] = await once(new WebSocket(address, { headers: { authorization } }), 'error');
      expect(String(error)).toContain('401');
    }
    expect(await metric('camplane_refused_requests_total')).toBe(6);
    expect((await fetch(`${proxy.url}/healthz`)).status).toBe(200);
  });

  it('fits pictures into the size of the quality and never scales them up', async () => {
    const client = await connect();
    await client.until(1);
    expect(await client.message('info', 'live')).toMatchObject({ picture: { width: 480, height: 360 } });
  });

  it('sends a client that does not read two pictures, and others all of them', async () => {
    const healthy = await connect();
    const stalled = await connect('', false);
    await stalled.until(2);
    await healthy.until(healthy.pictures.length + 8);
    expect(stalled.pictures).toHaveLength(2);
    expect(await metric('camplane_stream_frames_dropped_total')).toBeGreaterThan(3);
    expect(await metric('camplane_stream_active_streams')).toBe(1);
    expect(await metric('camplane_stream_clients')).toBe(2);
  });

  it('refuses a stream or a client above the limits, and changes the quality of the only client', async () => {
    const client = await connect();
    const refused = await once(
      new WebSocket(client.socket.url.replace('/stream', '/stream?quality=high'), { headers }),
      'unexpected-response',
    );
    expect(refused[1]).toMatchObject({ statusCode: 503, headers: { 'retry-after': '10' } });
    client.socket.send(JSON.stringify(jpegClientMessageSchema.parse({ type: 'quality', quality: 'high' })));
    await client.message('info', 'starting');
    await client.until(client.pictures.length + 2);
    expect(client.messages.at(-1)).toMatchObject({ quality: 'high', state: 'live' });
    await Promise.all([1, 2, 3].map(() => connect('?quality=high')));
    expect((await get('readMjpeg', '?quality=high')).status).toBe(503);
    expect(await metric('camplane_stream_clients')).toBe(4);
  });

  it.each([
    ['/stream/snapshot?width=8', 'at least 16 pixels'],
    ['/stream/snapshot?width=wide', 'width'],
    ['/stream/snapshot?height=2', 'height: is not a known field'],
    ['/stream.mjpeg?quality=ultra', 'quality'],
  ])('answers %s with what is wrong', async (path, text) => {
    const address = proxy.url + operationPath('followJpeg', { id: 'door' }).replace('/stream', path);
    const response = await fetch(address, { headers });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(text);
  });

  it.each([
    ['text that is not JSON', 'hello', 'not JSON'],
    ['an unknown message', '{"type":"rewind"}', 'type'],
    ['an unknown quality', '{"type":"quality","quality":"ultra"}', 'quality'],
    ['an unknown field', '{"type":"ping","now":true}', 'now: is not a known field'],
    ['a second auth', '{"type":"auth","token":"x"}', 'authenticated already'],
    ['binary', Buffer.from([1, 2]), 'not binary'],
  ])('answers %s with an error and stays connected', async (_what, message, text) => {
    const client = await connect('?quality=high');
    client.socket.send(message);
    expect(JSON.stringify(await client.message('error'))).toContain(text);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  it.each([
    [
      'many messages',
      (socket: WebSocket) => Array.from({ length: 30 }, () => socket.send('{"type":"ping"}')),
      1008,
    ],
    ['a large message', (socket: WebSocket) => socket.send('x'.repeat(9000)), 1009],
  ])('disconnects a client that sends %s', async (_what, misbehave, code) => {
    const client = await connect('?quality=high');
    const closed = once(client.socket, 'close');
    misbehave(client.socket);
    expect((await closed)[0]).toBe(code);
  });

  it('reports that the video has ended, and sends it again without a request', async () => {
    const client = await connect('?quality=high');
    await client.until(1);
    await publisher.stop();
    expect(await client.message('info', 'offline')).toMatchObject({ message: expect.any(String) });
    expect((await get('readJpegSnapshot')).status).toBe(503);
    publisher = await publishPattern({ port: rtsp.port, path: 'door', size: '480x360' });
    await client.message('info', 'live');
    await client.until(client.pictures.length + 1);
    const snapshot = await get('readJpegSnapshot', '?width=120');
    expect([snapshot.status, snapshot.headers.get('x-camplane-source')]).toEqual([200, 'stream']);
  });
});
