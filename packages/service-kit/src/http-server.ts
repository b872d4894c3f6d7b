import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { StartupError } from './startup-error.ts';

export type HttpLimits = {
  /** A client that sends its headers, or its whole request, more slowly than this is cut off. */
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  keepAliveTimeoutMs: number;
  maxHeaderBytes: number;
  maxHeadersCount: number;
  maxConnections: number;
  /** How long requests in progress may take to end when the server closes. */
  closeDeadlineMs: number;
};

export const defaultHttpLimits: HttpLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 5_000,
  maxHeaderBytes: 16_384,
  maxHeadersCount: 100,
  maxConnections: 1_000,
  closeDeadlineMs: 1_500,
};

export type ListenOptions = {
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** The variable that sets the port: named when the port cannot be had. */
  portVariable: string;
  onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  limits?: Partial<HttpLimits>;
};

export type HttpServer = { port: number; url: string; close(): Promise<void> };

/**
 * Serves an Express application, or any request listener, with a limit on everything a client can hold on to.
 * `close` stops accepting, lets requests in progress end, and cuts every connection, upgraded ones too, that is
 * still open after `closeDeadlineMs`.
 *
 * @throws {StartupError} where the address cannot be had, with the remedy
 */
export async function listen(app: RequestListener, options: ListenOptions): Promise<HttpServer> {
  const limits = { ...defaultHttpLimits, ...options.limits };
  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      // The two timeouts above are enforced at this interval only.
      connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
      // A server may ignore an Upgrade header, such as curl's `h2c`: the request is then served as HTTP/1.1.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    },
    app,
  );
  server.maxHeadersCount = limits.maxHeadersCount;
  server.maxConnections = limits.maxConnections;
  const sockets = trackSockets(server);
  if (options.onUpgrade) server.on('upgrade', guardUpgrade(options.onUpgrade));
  await bind(server, options);
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    port,
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close: () => (closing ??= closeServer(server, sockets, limits.closeDeadlineMs)),
  };
}

/** Upgraded sockets leave the HTTP server's own book-keeping, so it is kept here. */
function trackSockets(server: Server): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

/** Node leaves an upgraded socket without an error listener: a client's reset would end the process. */
function guardUpgrade(onUpgrade: NonNullable<ListenOptions['onUpgrade']>) {
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    onUpgrade(request, socket, head);
  };
}

async function bind(server: Server, { host, port, portVariable }: ListenOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new StartupError(describeBindError(error, host, port, portVariable), { cause: error })),
    );
    server.listen(port, host, resolve);
  });
  server.removeAllListeners('error');
  // Once it listens, an error concerns one accepted connection (too many open files): not a reason to end.
  server.on('error', () => undefined);
}

function describeBindError(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
  portVariable: string,
): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${port} is taken by another program: stop it or set ${portVariable}`;
    case 'EACCES':
      return `port ${port} may not be opened by this user: set ${portVariable} to a port above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine: listen on 127.0.0.1, 0.0.0.0 or one that it has`;
    default:
      return `cannot listen on ${host}, port ${port} (${portVariable}): ${error.message}`;
  }
}

async function closeServer(server: Server, sockets: Set<Socket>, deadlineMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A connection that falls idle while closing would otherwise be kept alive until the deadline.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const deadline = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, deadlineMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}
