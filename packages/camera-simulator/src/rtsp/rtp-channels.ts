import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { freeUdpPortPair } from '../free-port.ts';
import type { Channel } from './media-sender.ts';

/** Bytes buffered for a slow client; beyond that, packets are dropped, as cameras do. */
const pendingMaxBytes = 8_000_000;

/** RTP and RTCP in the RTSP connection (RFC 2326, section 10.12). */
export function interleavedChannel(socket: Socket, first: number): Channel {
  const send = (channel: number) => (packet: Buffer) => {
    if (socket.writableLength > pendingMaxBytes) return;
    socket.write(
      Buffer.concat([Buffer.from([0x24, channel, packet.length >> 8, packet.length & 0xff]), packet]),
    );
  };
  return { rtp: send(first), rtcp: send(first + 1) };
}

/** RTP and RTCP over UDP to two ports of the client. */
export async function udpChannel(
  clientPorts: readonly [number, number],
): Promise<Channel & { ports: readonly [number, number]; close(): void }> {
  const ports = await freeUdpPortPair();
  const sockets = ports.map((port) => createSocket('udp4').bind(port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'listening')));
  const send = (place: 0 | 1) => (packet: Buffer) => {
    sockets[place]?.send(packet, clientPorts[place], '127.0.0.1', () => undefined);
  };
  return {
    ports,
    rtp: send(0),
    rtcp: send(1),
    close: () => sockets.forEach((socket) => socket.close()),
  };
}
