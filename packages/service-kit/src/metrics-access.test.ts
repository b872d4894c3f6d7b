import { afterEach, describe, expect, it } from '@jest/globals';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import express from 'express';
import { createHealth } from './health.ts';
import { listen } from './http-server.ts';
import { createMetrics } from './metrics.ts';
import { metricsGuard } from './metrics-access.ts';
import type { MetricsAccess } from './metrics-access.ts';
import { operationalRoutes } from './operational-routes.ts';
import { problemHandler } from './problem-middleware.ts';
import { createRefusals } from './refusals.ts';

const token = 't'.repeat(32);
const bearer = { authorization: `Bearer ${token}` };
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** @param host listen address by configuration; the test itself listens on loopback */
async function serve(host: string, access: MetricsAccess) {
  const clock = createSimulatedClock();
  const metrics = createMetrics('test', { processMetrics: false });
  const lines: { text: string; address: unknown }[] = [];
  const log = { warn: (fields: { address: unknown }, text: string) => void lines.push({ ...fields, text }) };
  const refusals = createRefusals({ log: log as never, metrics, clock });
  const app = express();
  app.use(
    operationalRoutes({
      health: createHealth(),
      metrics,
      guardMetrics: metricsGuard(host, access, refusals),
    }),
  );
  app.use(problemHandler({ log: { error: () => undefined } }));
  const server = await listen(app, { host: '127.0.0.1', port: 0, portVariable: 'PORT' });
  ends.push(() => server.close());
  const get = async (headers: Record<string, string> = {}, path = '/metrics') => {
    const response = await fetch(`${server.url}${path}`, { headers });
    return { status: response.status, text: await response.text() };
  };
  return { clock, lines, get };
}

describe('/metrics', () => {
  it.each([
    ['on loopback', '127.0.0.1', {}, 200, 200],
    ['on loopback with a token', '127.0.0.1', { token }, 401, 200],
    ['elsewhere', '0.0.0.0', {}, 401, 401],
    ['elsewhere with a token', '0.0.0.0', { token }, 401, 200],
    ['elsewhere, open', '0.0.0.0', { isOpen: true }, 200, 200],
    ['elsewhere, open, with a token', '0.0.0.0', { token, isOpen: true }, 200, 200],
  ])('%s', async (_what, host, access, anonymous, withToken) => {
    const { get } = await serve(host, access);
    expect([(await get()).status, (await get(bearer)).status]).toEqual([anonymous, withToken]);
    expect((await get({ authorization: `Bearer ${token}x` })).status).toBe(anonymous);
    for (const path of ['/healthz', '/readyz']) expect((await get({}, path)).status).toBe(200);
  });

  it('names the variable to set in a refusal', async () => {
    const { get } = await serve('0.0.0.0', {});
    expect((await get()).text).toContain('set METRICS_TOKEN at the service');
  });

  it('counts every refusal, and logs a few of them per minute with the address', async () => {
    const { get, lines, clock } = await serve('0.0.0.0', { token });
    for (let request = 0; request < 20; request += 1) await get();
    expect(lines.map(({ address }) => address)).toEqual(Array(5).fill('127.0.0.1'));
    clock.advance(61_000);
    await get();
    expect(lines.map(({ text }) => text).slice(5)).toEqual([
      expect.stringContaining('15 similar lines suppressed'),
      'request refused: the credential is not valid for metrics',
    ]);
    const { text } = await get(bearer);
    expect(text).toContain('camplane_refused_requests_total{endpoint="metrics",service="test"} 21');
    expect(JSON.stringify(lines)).not.toContain(token);
  });
});
