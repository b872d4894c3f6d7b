import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

/** A proxy to a camera that can replace what the camera sends with garbage. */
export type Wire = {
  readonly port: number;
  connections(): number;
  /** Open connections now deliver random bytes instead of the camera's; later ones are clean. */
  garble(): void;
  stop(): Promise<void>;
};

export async function startWire(cameraPort: number): Promise<Wire> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const cameraSides = new Set<Socket>();
  const garbled = new Set<Socket>();
  const server = createServer((client) => {
    connections += 1;
    const camera = connect(cameraPort, '127.0.0.1');
    for (const [socket, other] of [
      [client, camera],
      [camera, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.on('data', (chunk: Buffer) => {
        other.write(garbled.has(socket) ? randomBytes(chunk.length) : chunk);
      });
    }
    cameraSides.add(camera);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    port: address.port,
    connections: () => connections,
    garble: () => {
      for (const camera of cameraSides) garbled.add(camera);
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
