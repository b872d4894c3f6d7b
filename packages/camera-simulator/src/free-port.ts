import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const host = '127.0.0.1';

/**
 * Below the ports that Linux assigns to outgoing connections (32768 to 60999, ip(7)), so that no connection takes one
 * before its server listens; without Kubernetes' own (10250 to 10259) and its node ports (30000 to 32767).
 */
const firstPort = 11_000;
const lastPort = 29_999;

/** A free TCP port on loopback, chosen at random. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort + 1));
    if (await isTcpPortFree(port)) return port;
  }
  throw new Error(`no free TCP port between ${firstPort} and ${lastPort}`);
}

/** Different free TCP ports. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/** A free even UDP port followed by a free odd one: RTP and RTCP (RFC 3550, section 11). */
export async function freeUdpPortPair(): Promise<[number, number]> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const first = 20_000 + 2 * Math.floor(Math.random() * 6000);
    if ((await isUdpPortFree(first)) && (await isUdpPortFree(first + 1))) return [first, first + 1];
  }
  throw new Error('no free pair of UDP ports');
}

async function isTcpPortFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

async function isUdpPortFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, host);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
