import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { startCamplane, testAdministrator } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { freePorts } from '@camplane/testkit/free-port';
import type { BenchResult } from './bench-result.ts';
import { percentile } from './percentile.ts';

const perSecond = 200;
const seconds = 20;
const warmUpSeconds = 3;
const camerasMax = 20;
const targetMs = 5;

/**
 * P15: MediaMTX's auth hook at 200 requests per second, each over a new connection as MediaMTX makes them: stream tickets,
 * API tokens over RTSP and refusals, while 20 cameras are registered. The control is a path of the same server that
 * answers without a decision.
 */
export async function measureMediaHook(): Promise<BenchResult> {
  const [port = 0] = await freePorts(1);
  const camplane = await startCamplane({ access: 'on', environment: { CAMERA_SERVICE_PORT: String(port) } });
  try {
    const bodies = await requestsOf(camplane);
    const url = (path: string) => `http://127.0.0.1:${port}${path}`;
    await load(url('/mediamtx/auth'), bodies, warmUpSeconds);
    const ours = await load(url('/mediamtx/auth'), bodies, seconds);
    const control = await load(url('/healthz'), [], seconds);
    const row = (share: number) => {
      const [value, bare] = [percentile(ours, share), percentile(control, share)];
      return { value, unit: 'ms', control: bare, ratio: value / bare };
    };
    return {
      id: 'P15',
      title: `auth hook of MediaMTX, ${perSecond} requests per second`,
      rows: [
        { name: 'p50', ...row(0.5) },
        { name: 'p99', ...row(0.99), target: `≤ ${targetMs} ms`, met: percentile(ours, 0.99) <= targetMs },
      ],
      notes: [
        `a third each: tickets, API tokens, refusals; a new connection for each request; ${seconds} s`,
        'control: /healthz of the same process, requested the same way',
      ],
    };
  } finally {
    await camplane.dispose();
  }
}

async function requestsOf(camplane: Camplane): Promise<string[]> {
  for (let index = 0; index < camerasMax; index += 1) {
    // Stopped: the load on the hook is measured, not that of video.
    await camplane.createCamera({ id: `camera-${index}`, source: { url: 'test:testsrc2' }, enabled: false });
  }
  const administrator = await camplane.signIn();
  const token = await administrator.createToken();
  const login = { user: testAdministrator.username, password: token, token, protocol: 'rtsp' };
  const bodies: string[] = [];
  for (let index = 0; index < camerasMax; index += 1) {
    const id = `camera-${index}`;
    const { ticket } = await administrator.client.createTicket({ id, body: { use: 'header' } });
    for (const presented of [{ token: ticket }, login, { token: `${ticket}x` }]) {
      bodies.push(
        JSON.stringify({
          ...{ user: '', password: '', ip: '127.0.0.1', action: 'read', path: id, protocol: 'webrtc' },
          ...{ id: crypto.randomUUID(), query: '', userAgent: 'bench', ...presented },
        }),
      );
    }
  }
  return bodies;
}

/** Sends requests at a fixed rate without waiting for answers. Returns the time of each, in milliseconds. */
async function load(url: string, bodies: readonly string[], forSeconds: number): Promise<number[]> {
  const startedMs = performance.now();
  const pending: Promise<number>[] = [];
  for (let index = 0; index < perSecond * forSeconds; index += 1) {
    const dueMs = startedMs + (index * 1000) / perSecond;
    if (dueMs > performance.now()) await delay(dueMs - performance.now());
    pending.push(time(url, bodies[index % bodies.length]));
  }
  return Promise.all(pending);
}

async function time(url: string, body: string | undefined): Promise<number> {
  const startedMs = performance.now();
  const sent = request(url, {
    method: body === undefined ? 'GET' : 'POST',
    agent: new Agent({ keepAlive: false }),
    headers: { 'content-type': 'application/json' },
  }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return performance.now() - startedMs;
}
