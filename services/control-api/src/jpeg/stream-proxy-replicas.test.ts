import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { rankReplicas } from './rank-replicas.ts';
import { createStreamProxyReplicas } from './stream-proxy-replicas.ts';

const servers: Server[] = [];

async function listenAt(port = 0): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  servers.push(server);
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(url: string): Promise<void> {
  const at = servers.findIndex((server) => url.endsWith(`:${(server.address() as AddressInfo).port}`));
  const [server] = servers.splice(at, 1);
  if (server) await once(server.close(), 'close');
}

afterEach(async () => {
  for (const server of servers.splice(0)) await once(server.close(), 'close');
});

async function setUp() {
  const urls = [await listenAt(), await listenAt(), await listenAt()];
  const dns = { urls, asked: 0, fails: false };
  const clock = createSimulatedClock();
  const replicas = createStreamProxyReplicas('http://stream-proxy:8081', {
    clock,
    resolve() {
      dns.asked += 1;
      return dns.fails ? Promise.reject(new Error('no such host')) : Promise.resolve(dns.urls);
    },
  });
  const connect = async (camera: string): Promise<string> => {
    const { url, socket } = await replicas.connect(camera, new AbortController().signal);
    socket.destroy();
    return url;
  };
  return { urls, dns, clock, connect };
}

describe('the replicas of stream-proxy', () => {
  it('serve each camera from the best one', async () => {
    const { urls, dns, connect } = await setUp();
    for (const camera of ['street', 'corner', 'door', 'yard']) {
      expect(await connect(camera)).toBe(rankReplicas(camera, urls)[0]);
    }
    expect(dns.asked).toBe(1);
  });

  it('serve a camera from the second one while the best accepts no connection', async () => {
    const { urls, clock, connect } = await setUp();
    const [best = '', second] = rankReplicas('street', urls);
    await close(best);
    expect(await connect('street')).toBe(second);
    await listenAt(Number(new URL(best).port));
    // The last choice for a while, then the first again.
    expect(await connect('street')).toBe(second);
    clock.advance(5000);
    expect(await connect('street')).toBe(best);
  });

  it('are looked up every two seconds, and kept while that fails', async () => {
    const { urls, dns, clock, connect } = await setUp();
    const [best = '', second] = rankReplicas('street', urls);
    await connect('street');
    dns.urls = urls.filter((url) => url !== best);
    expect(await connect('street')).toBe(best);
    clock.advance(2000);
    expect(await connect('street')).toBe(second);
    clock.advance(2000);
    dns.fails = true;
    expect(await connect('street')).toBe(second);
    expect(dns.asked).toBe(3);
  });

  it('are unavailable without an address, and if none accepts a connection', async () => {
    const { urls, dns, clock, connect } = await setUp();
    for (const url of urls) await close(url);
    await expect(connect('street')).rejects.toThrow(/^stream-proxy is unavailable: .*ECONNREFUSED/);
    await expect(connect('street')).rejects.toMatchObject({ kind: 'service-unavailable' });
    clock.advance(2000);
    dns.urls = [];
    await expect(connect('street')).rejects.toThrow('no replica is ready');
  });
});
