import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const host = '127.0.0.1';

/** A free TCP port on loopback. Another program may take it first: retry in that case. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
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
