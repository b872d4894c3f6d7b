import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { promisify } from 'node:util';
import type { ClusterNetwork } from '@camplane/testkit/cluster-namespaces';

const run = promisify(execFile);

/** A proxy into the cluster with its own client address, so that a Service with client IP affinity sees another viewer. */
export type OtherViewer = {
  /** The loopback address to use instead of the target. */
  readonly origin: string;
  close(): Promise<void>;
};

/** @param index 1 to 254; each adds an address to the test's end of the virtual cable */
export async function viewerFromElsewhere(
  network: ClusterNetwork,
  index: number,
  target: { host: string; port: number },
): Promise<OtherViewer> {
  const [first, second] = network.hostAddress.split('.');
  const localAddress = `${first}.${second}.200.${index}`;
  await run('ip', ['address', 'replace', `${localAddress}/32`, 'dev', network.link]);
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect({ ...target, localAddress });
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
