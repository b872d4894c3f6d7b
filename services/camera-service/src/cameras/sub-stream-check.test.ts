import { anyNetworkPolicy } from '@camplane/camera-source/network/camera-resolver';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { cameraInputSchema } from '@camplane/contracts/camera';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { StreamFacts } from '../status/stream-facts.ts';
import { streamSettings } from '../stream/stream-settings.ts';
import { createSubStreamCheck } from './sub-stream-check.ts';

let server: Server | null = null;
afterEach(() => {
  server?.close();
});

/** A camera that answers every request with one status, and counts its connections. */
async function startCamera(status: string) {
  const seen = { connections: 0 };
  server = createServer((socket) => {
    seen.connections += 1;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      const cseq = /CSeq: *(\d+)/i.exec(data.toString())?.[1] ?? '1';
      socket.write(`RTSP/1.0 ${status}\r\nCSeq: ${cseq}\r\nContent-Length: 0\r\n\r\n`);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { seen, url: `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/sub` };
}

const idle: StreamFacts['run'] = {
  ...{ phase: 'stopped', inError: false, failure: null, restarts: 0 },
  ...{ runningSinceMs: null, lastFrameMs: null, nextAttemptMs: null },
};
const live: StreamFacts['run'] = { ...idle, phase: 'running', runningSinceMs: 0 };

function setUp(subUrl: string) {
  const { source, ...spec } = cameraInputSchema.parse({ source: { url: 'rtsp://127.0.0.1/main', subUrl } });
  const camera = {
    ...{ id: 'door', spec: { ...spec, source }, credentials: null, generation: 1, startRequestedAt: null },
  };
  const sub = streamSettings(camera, 'sub');
  if (!sub) throw new Error('the camera has a sub stream');
  const clock = createSimulatedClock();
  const check = createSubStreamCheck({ networkPolicy: anyNetworkPolicy, clock, onChange: () => undefined });
  return { clock, sub, check };
}

describe('the check of a sub stream', () => {
  it('waits until the main stream is live, then keeps its answer', async () => {
    const camera = await startCamera('404 Not Found');
    const { clock, sub, check } = setUp(camera.url);
    check.observe(sub, idle, idle);
    clock.advance(1000);
    check.observe(sub, live, idle);
    expect(check.answer(sub)).toBeNull();
    clock.advance(5000);
    check.observe(sub, live, idle);
    const answer = await waitUntil(
      () => check.answer(sub),
      (seen) => seen !== null,
      { what: 'an answer' },
    );
    expect(answer).toMatchObject({ ok: false, kind: 'NotFound' });
    const { connections } = camera.seen;
    clock.advance(60_000);
    check.observe(sub, live, idle);
    expect(camera.seen.connections).toBe(connections);
    check.stop();
  });

  it('says nothing about a camera that limits connections', async () => {
    const camera = await startCamera('453 Not Enough Bandwidth');
    const { clock, sub, check } = setUp(camera.url);
    clock.advance(5000);
    check.observe(sub, live, idle);
    await waitUntil(
      () => camera.seen.connections,
      (seen) => seen > 0,
      { what: 'a request' },
    );
    clock.advance(1_000_000);
    check.observe(sub, live, idle);
    expect(check.answer(sub)).toBeNull();
    check.stop();
  });

  it('is skipped once the sub stream has run', async () => {
    const camera = await startCamera('404 Not Found');
    const { clock, sub, check } = setUp(camera.url);
    clock.advance(5000);
    check.observe(sub, live, { ...idle, lastFrameMs: 1000 });
    expect(check.answer(sub)).toBeNull();
    expect(camera.seen.connections).toBe(0);
    check.stop();
  });
});
