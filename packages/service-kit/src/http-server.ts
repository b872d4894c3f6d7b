import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server as PlainServer, ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { StartupError } from './startup-error.ts';
import { readTlsPair, watchTlsPair } from './tls-files.ts';
import type { TlsFiles, TlsLog } from './tls-files.ts';

type Server = PlainServer | TlsServer;

export type HttpLimits = {
  /** Deadline for a client to send its headers; `requestTimeoutMs`: its whole request. */
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  keepAliveTimeoutMs: number;
  maxHeaderBytes: number;
  maxHeadersCount: number;
  maxConnections: number;
  /** How long requests in progress may take after `close`. */
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
  /** 0: any free port. */
  port: number;
  /** The variable that sets the port, for the error message. */
  portVariable: string;
  onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  limits?: Partial<HttpLimits>;
  /** Serves HTTPS alone. Replaced files are loaded without closing connections. */
  tls?: TlsFiles & { log: TlsLog };
};

export type HttpServer = { port: number; url: string; close(): Promise<void> };

/**
 * Serves an Express application, or any request listener, with limits on every resource that a client can hold.
 * `close` stops accepting connections, waits for requests in progress, and after `closeDeadlineMs` destroys the
 * connections that are still open, including upgraded ones.
 *
 * @throws {StartupError} with the remedy if the address is unavailable or a file of `tls` is invalid
 */
export async function listen(app: RequestListener, options: ListenOptions): Promise<HttpServer> {
  const limits = { ...defaultHttpLimits, ...options.limits };
  const { server, unwatch } = createFor(app, options, limits);
  server.maxHeadersCount = limits.maxHeadersCount;
  server.maxConnections = limits.maxConnections;
  const sockets = trackSockets(server);
  if (options.onUpgrade) server.on('upgrade', guardUpgrade(options.onUpgrade));
  await bind(server, options);
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    port,
    url: `${options.tls ? 'https' : 'http'}://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close: () => {
      unwatch();
      return (closing ??= closeServer(server, sockets, limits.closeDeadlineMs));
    },
  };
}

function createFor(
  app: RequestListener,
  { onUpgrade, tls }: ListenOptions,
  limits: HttpLimits,
): { server: Server; unwatch(): void } {
  const serverOptions: ServerOptions = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // Node enforces the two timeouts above at this interval.
    connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
    // A server may ignore an Upgrade header, such as curl's `h2c`: the request is then served as HTTP/1.1.
    shouldUpgradeCallback: ({ headers }) =>
      onUpgrade !== undefined && headers.upgrade?.toLowerCase() === 'websocket',
  };
  if (!tls) return { server: createServer(serverOptions, app), unwatch: () => undefined };
  const pair = readTlsPair(tls);
  const settings = { minVersion: 'TLSv1.2', handshakeTimeout: limits.headersTimeoutMs } as const;
  const server = createTlsServer({ ...serverOptions, ...settings, cert: pair.cert, key: pair.key }, app);
  const unwatch = watchTlsPair(tls, pair, {
    // For new connections; those that are open keep theirs.
    onPair: ({ cert, key }) => server.setSecureContext({ ...settings, cert, key }),
    log: tls.log,
  });
  return { server, unwatch };
}

/** The HTTP server stops tracking upgraded sockets, so this does. */
function trackSockets(server: Server): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

/** Node removes the error listener of an upgraded socket: a client's reset would crash the process. */
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
  // Later errors concern a single connection (too many open files) and must not crash the process.
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
      return `this user may not open port ${port}: set ${portVariable} to a port above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine: listen on 127.0.0.1, 0.0.0.0 or an address of the machine`;
    default:
      return `cannot listen on ${host}, port ${port} (${portVariable}): ${error.message}`;
  }
}

async function closeServer(server: Server, sockets: Set<Socket>, deadlineMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A connection that becomes idle during the close would otherwise stay open until the deadline.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const deadline = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, deadlineMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}
