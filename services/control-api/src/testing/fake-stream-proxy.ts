import { CamplaneError } from '@camplane/contracts/problem';
import { refuseUpgrade } from '@camplane/service-kit/refuse-upgrade';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

/** A stream-proxy that sends what a test wants, as soon as it is acknowledged. */
export type FakeStreamProxy = {
  url: string;
  /** `camera/quality` of each open connection. */
  open(): string[];
  /** Sends a picture over the connections of a stream. */
  picture(stream: string, jpeg: Buffer): void;
  /** The pictures of a stream that were acknowledged. */
  acknowledged(stream: string): number;
  info(stream: string, state: 'live' | 'starting' | 'offline', reason: string | null): void;
  /** Refuses new connections of a stream with `stream-limit`. */
  refuse(stream: string): void;
  /** Ends the connections of a stream with a code; without one, they are lost. */
  disconnect(stream: string, code?: number): void;
  stop(): Promise<void>;
};

export async function startFakeStreamProxy(secret: string): Promise<FakeStreamProxy> {
  const connections = new Map<WebSocket, string>();
  const refused = new Set<string>();
  const acknowledged = new Map<string, number>();
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const stream = `${url.pathname.split('/').at(-2)}/${url.searchParams.get('quality')}`;
    if (request.headers.authorization !== `Bearer ${secret}`) {
      return refuseUpgrade(socket, new CamplaneError('unauthenticated', 'wrong secret'));
    }
    if (refused.has(stream)) {
      const options = { retryAfterSeconds: 10 };
      return refuseUpgrade(socket, new CamplaneError('stream-limit', 'raise STREAM_MAX_CONCURRENT', options));
    }
    sockets.handleUpgrade(request, socket, head, (connected) => {
      connections.set(connected, stream);
      connected.on('close', () => connections.delete(connected));
      connected.on('pong', () => acknowledged.set(stream, (acknowledged.get(stream) ?? 0) + 1));
      sendInfo(connected, stream, 'starting', 'AwaitingFrame');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function sendInfo(socket: WebSocket, stream: string, state: string, reason: string | null): void {
    const quality = stream.split('/')[1];
    socket.send(JSON.stringify({ type: 'info', quality, state, reason, message: reason, picture: null }));
  }
  const of = (stream: string): WebSocket[] =>
    [...connections].flatMap(([socket, of]) => (of === stream ? [socket] : []));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: () => [...connections.values()].sort(),
    picture(stream, jpeg) {
      for (const socket of of(stream)) {
        socket.send(jpeg);
        socket.ping('1');
      }
    },
    acknowledged: (stream) => acknowledged.get(stream) ?? 0,
    info: (stream, state, reason) => of(stream).forEach((socket) => sendInfo(socket, stream, state, reason)),
    refuse: (stream) => void refused.add(stream),
    disconnect(stream, code) {
      for (const socket of of(stream)) {
        connections.delete(socket);
        if (code === undefined) socket.terminate();
        else socket.close(code);
      }
    },
    async stop() {
      for (const socket of connections.keys()) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
